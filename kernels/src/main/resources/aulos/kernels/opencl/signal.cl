// SPDX-License-Identifier: Apache-2.0
// Kernels on the last axes of a signal, one work-item per output; whatever lies before is the row.

kernel void reflect_pad(uint n, global float *restrict y, const global float *restrict x, int length, int left,
        int right) {
    uint i = get_global_id(0);
    if (i < n) {
        uint padded = left + length + right;
        int t = abs((int) (i % padded) - left);
        y[i] = x[i / padded * length + (t < length ? t : 2 * (length - 1) - t)];
    }
}

// y[t] is what was read from it: once in its own place, at most once in each padding.
kernel void reflect_pad_adjoint(uint n, global float *restrict y, const global float *restrict x, int length, int left,
        int right) {
    uint i = get_global_id(0);
    if (i < n) {
        int t = i % length;
        const global float *row = x + i / length * (left + length + right) + left;
        float sum = row[t];
        if (t >= 1 && t <= left) {
            sum += row[-t];
        }
        int beyond = 2 * (length - 1) - t;
        if (beyond >= length && beyond < length + right) {
            sum += row[beyond];
        }
        y[i] = sum;
    }
}

kernel void frame(uint n, global float *restrict y, const global float *restrict x, int length, int frames, int size,
        int hop) {
    uint i = get_global_id(0);
    if (i < n) {
        uint f = i / size;
        y[i] = x[f / frames * length + f % frames * hop + i % size];
    }
}

kernel void overlap_add(uint n, global float *restrict y, const global float *restrict x, int length, int frames,
        int size, int hop) {
    uint i = get_global_id(0);
    if (i < n) {
        int t = i % length;
        const global float *row = x + i / length * frames * size;
        int first = t < size ? 0 : (t - size) / hop + 1;
        int last = min(frames - 1, t / hop);
        float sum = 0;
        for (int f = first; f <= last; f++) {
            sum += row[f * size + t - f * hop];
        }
        y[i] = sum;
    }
}
