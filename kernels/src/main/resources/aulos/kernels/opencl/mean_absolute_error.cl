// SPDX-License-Identifier: Apache-2.0
// The mean of |a − b| and its gradient; inverse is 1/n.

// Work-item i adds terms i, i + items, …, so that neighbours read neighbours: y[i].
kernel void forward(uint n, uint items, global float *restrict y, const global float *a, const global float *b,
        float inverse) {
    uint item = get_global_id(0);
    if (item < items) {
        float sum = 0;
        for (uint i = item; i < n; i += items) {
            sum += fabs(a[i] - b[i]);
        }
        y[item] = sum * inverse;
    }
}

// Four elements per work-item.
kernel void gradient(uint n, global float *restrict y, const global float *a, const global float *b,
        const global float *g, float inverse) {
    uint i = get_global_id(0);
    float factor = g[0] * inverse;
    if (4 * i + 3 < n) {
        float4 d = vload4(i, a) - vload4(i, b);
        vstore4(select(sign(d), d, isnan(d)) * factor, i, y);
    } else {
        for (uint j = 4 * i; j < n; j++) {
            float d = a[j] - b[j];
            y[j] = (isnan(d) ? d : sign(d)) * factor;
        }
    }
}
