// SPDX-License-Identifier: Apache-2.0
// y[i] = f(x[i], z[i]): for each function a kernel for operands of one shape, four elements per work-item, and one with
// NumPy broadcasting, one element per work-item. Functions of one argument are given x twice.

#include "axes.clh"

#define POINTWISE(NAME, VALUE)                                                                                          \
    inline float NAME##_of(float x, float z, float a, float b) {                                                             \
        return VALUE;                                                                                                   \
    }                                                                                                                   \
    kernel void NAME##_dense(uint n, global float *restrict y, const global float *x, const global float *z, float a,   \
            float b) {                                                                                                  \
        uint i = get_global_id(0);                                                                                      \
        if (4 * i + 3 < n) {                                                                                            \
            float4 u = vload4(i, x);                                                                                    \
            float4 v = vload4(i, z);                                                                                    \
            vstore4((float4)(NAME##_of(u.x, v.x, a, b), NAME##_of(u.y, v.y, a, b), NAME##_of(u.z, v.z, a, b), NAME##_of(u.w, v.w, a, b)),   \
                    i, y);                                                                                              \
        } else {                                                                                                        \
            for (uint j = 4 * i; j < n; j++) {                                                                          \
                y[j] = NAME##_of(x[j], z[j], a, b);                                                                          \
            }                                                                                                           \
        }                                                                                                               \
    }                                                                                                                   \
    kernel void NAME##_broadcast(uint n, global float *restrict y, const global float *x, const global float *z,        \
            float a, float b, axes dims, axes xStrides, axes zStrides) {                                                \
        uint i = get_global_id(0);                                                                                      \
        if (i < n) {                                                                                                    \
            y[i] = NAME##_of(x[place(i, dims, xStrides)], z[place(i, dims, zStrides)], a, b);                                \
        }                                                                                                               \
    }

POINTWISE(affine, a * x + b)
POINTWISE(abs, fabs(x))
POINTWISE(sign, isnan(x) ? x : sign(x))
POINTWISE(sqrt, sqrt(x))
POINTWISE(exp, exp(x))
POINTWISE(log, log(x))
POINTWISE(tanh, tanh(x))
POINTWISE(sigmoid, 1 / (1 + exp(-x)))
POINTWISE(sin, sin(x))
POINTWISE(cos, cos(x))
POINTWISE(pow, pow(x, a))
POINTWISE(leaky_relu, x > 0 ? x : a * x)
POINTWISE(clamp_min, x < a ? a : x)
POINTWISE(add, x + z)
POINTWISE(sub, x - z)
POINTWISE(mul, x * z)
POINTWISE(div, x / z)
POINTWISE(power, pow(x, z))
POINTWISE(greater, x > z ? 1.0f : 0.0f)
POINTWISE(equal, x == z ? 1.0f : 0.0f)
POINTWISE(select, x != 0 ? z : 0)
POINTWISE(leaky_relu_gradient, x > 0 ? z : a * z)
POINTWISE(clamp_min_gradient, x >= a ? z : x < a ? 0 : x)
