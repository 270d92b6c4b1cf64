// SPDX-License-Identifier: Apache-2.0
// Elements of a table [outer, length, inner] at indices along its middle axis, and the adjoint. sizes holds the number of
// indices, the length, the inner size.

// y[outer, j, inner] = x[outer, indices[j], inner]
kernel void gather(uint n, global float *restrict y, const global float *restrict x, const global int *restrict indices,
        int4 sizes) {
    uint i = get_global_id(0);
    if (i < n) {
        uint count = (uint) sizes.x;
        uint inner = (uint) sizes.z;
        uint row = i / inner;
        y[i] = x[((row / count) * (uint) sizes.y + (uint) indices[row % count]) * inner + i % inner];
    }
}

// y = 0, then y[outer, indices[j], inner] += x[outer, j, inner]: one work-item for all j, so the order of sums is fixed.
kernel void scatter_add(uint n, global float *restrict y, const global float *restrict x,
        const global int *restrict indices, int4 sizes) {
    uint i = get_global_id(0);
    if (i < n) {
        uint count = (uint) sizes.x;
        uint length = (uint) sizes.y;
        uint inner = (uint) sizes.z;
        global float *to = y + (i / inner) * length * inner + i % inner;
        const global float *from = x + (i / inner) * count * inner + i % inner;
        for (uint j = 0; j < length; j++) {
            to[j * inner] = 0;
        }
        for (uint j = 0; j < count; j++) {
            to[(uint) indices[j] * inner] += from[j * inner];
        }
    }
}
