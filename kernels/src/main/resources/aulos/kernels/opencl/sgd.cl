// SPDX-License-Identifier: Apache-2.0
// One step of stochastic gradient descent with momentum, in place.

kernel void sgd(uint n, global float *restrict p, const global float *restrict g, global float *restrict m, float rate,
        float momentum, float decay) {
    uint i = get_global_id(0);
    if (i < n) {
        float velocity = momentum * m[i] + g[i] + decay * p[i];
        m[i] = velocity;
        p[i] -= rate * velocity;
    }
}
