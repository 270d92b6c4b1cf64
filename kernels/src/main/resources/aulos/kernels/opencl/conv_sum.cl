// SPDX-License-Identifier: Apache-2.0
//
// Adds the parts in which a convolution was summed, always in the same order, and does the pointwise work behind it.

#include "finish.clh"
FINISH(float, finish1)

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
    v = finish1(f, v, f.flags & BIAS ? bias[i / length % channels] : 0, f.flags & FIRST ? first[i] : 0,
            f.flags & READS_SECOND ? second[i] : 0);
    y[i] = f.flags & TANH ? tanh(v) : v;
}
