// SPDX-License-Identifier: Apache-2.0
// One step of AdamW in place; what depends on the step alone comes computed.

kernel void adamw(uint n, global float *restrict p, const global float *restrict g, global float *restrict m,
        global float *restrict v, float beta1, float rest1, float beta2, float rest2, float keep, float rate,
        float correction2, float epsilon) {
    uint i = get_global_id(0);
    if (i < n) {
        float mean = beta1 * m[i] + rest1 * g[i];
        float square = beta2 * v[i] + rest2 * g[i] * g[i];
        m[i] = mean;
        v[i] = square;
        p[i] = p[i] * keep - rate * mean / (sqrt(square) * correction2 + epsilon);
    }
}
