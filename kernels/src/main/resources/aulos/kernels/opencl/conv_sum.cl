// SPDX-License-Identifier: Apache-2.0
//
// Adds the parts in which a convolution was summed, always in the same order, and does the pointwise work behind it:
//
//   y[i] = tanh?( scale * ( sum over p of parts[p][i] + bias + residuals ) )

// As in conv.cl; bit 0 of the flags: bias, bits 1 and 2: residuals, bit 3: tanh.
typedef struct {
    float slope, scale;
    int flags;
} Fusion;

kernel void conv_sum(int count, int size, int channels, int length, Fusion f, global const float *restrict parts,
        global float *restrict y, global const float *restrict bias, global const float *restrict first,
        global const float *restrict second) {
    const int i = get_global_id(0);
    if (i >= size) {
        return;
    }
    float v = 0;
    for (int p = 0; p < count; p++) {
        v += parts[p * size + i];
    }
    v += f.flags & 2 ? first[i] : 0;
    v += f.flags & 4 ? second[i] : 0;
    v += f.flags & 1 ? bias[i / length % channels] : 0;
    v *= f.scale;
    y[i] = f.flags & 8 ? tanh(v) : v;
}
