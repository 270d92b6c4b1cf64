// SPDX-License-Identifier: Apache-2.0
//
// Brings the weights of a convolution into the order in which the other kernels read them:
//
//   packed[phase][group][m / width][row][m % width] = w[m, c, k],   row = c * taps + tap,   k = first tap + tap * step
//
// with zeros where a tile or the last rows reach beyond the weights. One work-item a value, side by side along m.

kernel void conv_pack(global const float *restrict w, global float *restrict packed, int width, int tiles, int rows,
        int phases, int groups, int inRows, int outRows, int kernelSize, int padding, int dilation, int tapStep,
        int groupStride, int outStride, int inStride) {
    const int m = get_global_id(0), row = get_global_id(1), part = get_global_id(2);
    const int group = part % groups, phase = part / groups;
    int k = 0;
    while (k < tapStep && (phase + padding - k * dilation) % phases != 0) {
        k++;
    }
    const int taps = k < tapStep && k < kernelSize ? (kernelSize - 1 - k) / tapStep + 1 : 0;
    float v = 0;
    if (m < outRows && row < inRows * taps) {
        v = w[group * groupStride + m * outStride + row / taps * inStride + k + row % taps * tapStep];
    }
    packed[((part * tiles + m / width) * rows + row) * width + m % width] = v;
}
