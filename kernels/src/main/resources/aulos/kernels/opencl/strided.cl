// SPDX-License-Identifier: Apache-2.0
// Moves of single elements between a dense array of these dimensions and places in another.

#include "axes.clh"

// y dense
kernel void gather(uint n, global float *restrict y, const global float *restrict x, int offset, axes dims,
        axes strides) {
    uint i = get_global_id(0);
    if (i < n) {
        y[i] = x[offset + place(i, dims, strides)];
    }
}

// x dense
kernel void scatter(uint n, global float *restrict y, const global float *restrict x, int offset, axes dims,
        axes strides) {
    uint i = get_global_id(0);
    if (i < n) {
        y[offset + place(i, dims, strides)] = x[i];
    }
}
