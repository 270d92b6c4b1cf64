// SPDX-License-Identifier: Apache-2.0
//
// What the tuner does on the device, so that nothing large passes the bus: random inputs, and comparing two results.

static uint mixed(uint h) {
    h ^= h >> 16;
    h *= 0x7feb352dU;
    h ^= h >> 15;
    h *= 0x846ca68bU;
    return h ^ h >> 16;
}

// Uniform in [-1, 1).
kernel void noise(global float *restrict x, int size, uint seed) {
    for (int i = get_global_id(0); i < size; i += get_global_size(0)) {
        x[i] = (float)(int)mixed(i * 2654435761U + seed) * 0x1p-31f;
    }
}

// Of each work-item's share: the greatest difference, infinite where one is not a number, and the greatest expected value.
kernel void compare(global const float *restrict x, global const float *restrict expected, int size,
        global float *restrict found) {
    float worst = 0, largest = 0;
    for (int i = get_global_id(0); i < size; i += get_global_size(0)) {
        float d = fabs(x[i] - expected[i]);
        worst = fmax(worst, d <= 3e38f ? d : INFINITY);
        largest = fmax(largest, fabs(expected[i]));
    }
    found[get_global_id(0) * 2] = worst;
    found[get_global_id(0) * 2 + 1] = largest;
}
