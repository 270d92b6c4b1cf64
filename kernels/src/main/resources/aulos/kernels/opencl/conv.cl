// SPDX-License-Identifier: Apache-2.0
// The three convolutions by their formulas, one work-item per output. Shapes come as (channels, length), the weight's as
// (channels of a group, taps); geometry is (stride, padding, dilation, groups). Long sums are summed TERMS at a time.
#ifndef TERMS
#define TERMS 320
#endif

inline float leaky(float x, float slope) {
    return x > 0 ? x : slope * x;
}

#define FUSION                                                                                                          \
    float slope, int hasBias, const global float *bias, int residuals, const global float *residual0,                   \
            const global float *residual1, const global float *residual2, float scale, int hasTanh

inline float finish(float sum, uint i, int channel, int hasBias, const global float *bias, int residuals,
        const global float *residual0, const global float *residual1, const global float *residual2, float scale,
        int hasTanh) {
    sum += hasBias ? bias[channel] : 0;
    sum += residuals > 0 ? residual0[i] : 0;
    sum += residuals > 1 ? residual1[i] : 0;
    sum += residuals > 2 ? residual2[i] : 0;
    sum *= scale;
    return hasTanh ? tanh(sum) : sum;
}

kernel void forward(uint n, int2 xSize, int2 ySize, int2 wSize, int4 geometry, global float *restrict y,
        const global float *x, const global float *w, FUSION) {
    uint i = get_global_id(0);
    if (i < n) {
        int t = i % ySize.y;
        int o = i / ySize.y % ySize.x;
        uint batch = i / ySize.y / ySize.x;
        int first = o / (ySize.x / geometry.w) * wSize.x;
        int start = t * geometry.x - geometry.y;
        float sum = 0;
        float part = 0;
        int terms = 0;
        for (int c = 0; c < wSize.x; c++) {
            const global float *row = x + (batch * xSize.x + first + c) * xSize.y;
            const global float *taps = w + (o * wSize.x + c) * wSize.y;
            for (int k = 0; k < wSize.y; k++) {
                int s = start + k * geometry.z;
                if (s >= 0 && s < xSize.y) {
                    part += taps[k] * leaky(row[s], slope);
                }
                if (++terms == TERMS) {
                    sum += part;
                    part = 0;
                    terms = 0;
                }
            }
        }
        sum += part;
        y[i] = finish(sum, i, o, hasBias, bias, residuals, residual0, residual1, residual2, scale, hasTanh);
    }
}

// x here is what comes in, [B, Cout, T'], and y the gradient in the convolution's input.
kernel void input_gradient(uint n, int2 xSize, int2 ySize, int2 wSize, int4 geometry, global float *restrict y,
        const global float *x, const global float *w, FUSION) {
    uint i = get_global_id(0);
    if (i < n) {
        int s = i % ySize.y;
        int channel = i / ySize.y % ySize.x;
        uint batch = i / ySize.y / ySize.x;
        int c = channel % wSize.x;
        int perGroup = xSize.x / geometry.w;
        int first = channel / wSize.x * perGroup;
        float sum = 0;
        float part = 0;
        int terms = 0;
        for (int o = first; o < first + perGroup; o++) {
            const global float *row = x + (batch * xSize.x + o) * xSize.y;
            const global float *taps = w + (o * wSize.x + c) * wSize.y;
            for (int k = 0; k < wSize.y; k++) {
                int from = s + geometry.y - k * geometry.z;
                int t = from / geometry.x;
                if (t * geometry.x == from) {
                    part += from >= 0 && t < xSize.y ? taps[k] * leaky(row[t], slope) : 0;
                    if (++terms == TERMS) {
                        sum += part;
                        part = 0;
                        terms = 0;
                    }
                }
            }
        }
        sum += part;
        y[i] = finish(sum, i, channel, hasBias, bias, residuals, residual0, residual1, residual2, scale, hasTanh);
    }
}

kernel void weight_gradient(uint n, int batches, int2 xSize, int2 gSize, int2 wSize, int4 geometry,
        global float *restrict y, const global float *x, const global float *g, float xSlope, float gSlope) {
    uint i = get_global_id(0);
    if (i < n) {
        int k = i % wSize.y;
        int c = i / wSize.y % wSize.x;
        int o = i / wSize.y / wSize.x;
        int channel = o / (gSize.x / geometry.w) * wSize.x + c;
        int shift = k * geometry.z - geometry.y;
        float sum = 0;
        for (uint batch = 0; batch < batches; batch++) {
            const global float *xRow = x + (batch * xSize.x + channel) * xSize.y;
            const global float *gRow = g + (batch * gSize.x + o) * gSize.y;
            for (int start = 0; start < gSize.y; start += 64) {
                float part = 0;
                for (int t = start; t < min(start + 64, gSize.y); t++) {
                    int s = t * geometry.x + shift;
                    if (s >= 0 && s < xSize.y) {
                        part += leaky(gRow[t], gSlope) * leaky(xRow[s], xSlope);
                    }
                }
                sum += part;
            }
        }
        y[i] = sum;
    }
}
