// SPDX-License-Identifier: Apache-2.0
// Moves of single elements between a dense array of these dimensions and places in another.

inline int place(uint i, int4 dims, int4 strides) {
    uint4 d = as_uint4(dims).yzww;
    uint rows = i / d.z;
    uint planes = rows / d.y;
    return (int) (i - rows * d.z) * strides.w + (int) (rows - planes * d.y) * strides.z
            + (int) (planes % d.x) * strides.y + (int) (planes / d.x) * strides.x;
}

// y dense
kernel void gather(uint n, global float *restrict y, const global float *restrict x, int offset, int4 dims,
        int4 strides) {
    uint i = get_global_id(0);
    if (i < n) {
        y[i] = x[offset + place(i, dims, strides)];
    }
}

// x dense
kernel void scatter(uint n, global float *restrict y, const global float *restrict x, int offset, int4 dims,
        int4 strides) {
    uint i = get_global_id(0);
    if (i < n) {
        y[offset + place(i, dims, strides)] = x[i];
    }
}
