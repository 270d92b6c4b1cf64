// SPDX-License-Identifier: Apache-2.0
// Moves of single elements between a dense array of these dimensions and places in another.

// How many axes a loop nest has.
#ifndef AXES
#define AXES 4
#endif

// place: the flat index i of an array of these dimensions, as Σ iₖ·strides[k].
#if AXES == 8
typedef int8 axes;

inline int place(uint i, int8 dims, int8 strides) {
    int d[8];
    int s[8];
    vstore8(dims, 0, d);
    vstore8(strides, 0, s);
    int at = 0;
    for (int axis = 7; axis >= 0; axis--) {
        at += (int) (i % (uint) d[axis]) * s[axis];
        i /= (uint) d[axis];
    }
    return at;
}
#else
typedef int4 axes;

inline int place(uint i, int4 dims, int4 strides) {
    uint4 d = as_uint4(dims).yzww;
    uint rows = i / d.z;
    uint planes = rows / d.y;
    return (int) (i - rows * d.z) * strides.w + (int) (rows - planes * d.y) * strides.z
            + (int) (planes % d.x) * strides.y + (int) (planes / d.x) * strides.x;
}
#endif

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
