// SPDX-License-Identifier: Apache-2.0
// One-sided discrete Fourier transforms of real rows by their definition, one work-item per output. Sums are float64,
// or with PAIRS unevaluated sums of two float32, which hold 48 bits. The table holds n window values, n cosines, n sines.

#ifdef PAIRS
#pragma OPENCL FP_CONTRACT OFF
typedef float2 real;
inline real exactly(float x) {
    return (real)(x, 0);
}
inline float rounded(real x) {
    return x.x + x.y;
}
inline real negative(real x) {
    return -x;
}
inline real plus(real a, real b) {
    float sum = a.x + b.x;
    float back = sum - a.x;
    float rest = (a.x - (sum - back)) + (b.x - back) + (a.y + b.y);
    float high = sum + rest;
    return (real)(high, rest - (high - sum));
}
inline real times(real a, real b) {
    float product = a.x * b.x;
    float rest = fma(a.x, b.x, -product) + (a.x * b.y + a.y * b.x);
    float high = product + rest;
    return (real)(high, rest - (high - product));
}
#else
#pragma OPENCL EXTENSION cl_khr_fp64 : enable
typedef double real;
inline real exactly(float x) {
    return x;
}
inline float rounded(real x) {
    return (float) x;
}
inline real negative(real x) {
    return -x;
}
inline real plus(real a, real b) {
    return a + b;
}
inline real times(real a, real b) {
    return a * b;
}
#endif

kernel void forward(uint outputs, int n, global float *restrict y, const global float *restrict x,
        const global real *restrict table) {
    uint i = get_global_id(0);
    if (i < outputs) {
        int bins = n / 2 + 1;
        uint row = i / (2 * bins);
        int k = i % (2 * bins);
        bool imaginary = k >= bins;
        k -= imaginary ? bins : 0;
        const global real *wave = table + (imaginary ? 2 * n : n);
        const global float *from = x + row * n;
        real sum = exactly(0);
        int phase = 0;
        for (int t = 0; t < n; t++) {
            sum = plus(sum, times(times(table[t], exactly(from[t])), wave[phase]));
            phase += k;
            phase -= phase >= n ? n : 0;
        }
        y[i] = rounded(imaginary ? negative(sum) : sum);
    }
}

kernel void adjoint(uint outputs, int n, global float *restrict y, const global float *restrict x,
        const global real *restrict table) {
    uint i = get_global_id(0);
    if (i < outputs) {
        int bins = n / 2 + 1;
        int t = i % n;
        const global float *from = x + i / n * (2 * bins);
        real sum = exactly(0);
        int phase = 0;
        for (int k = 0; k < bins; k++) {
            sum = plus(sum, times(exactly(from[k]), table[n + phase]));
            sum = plus(sum, times(exactly(-from[bins + k]), table[2 * n + phase]));
            phase += t;
            phase -= phase >= n ? n : 0;
        }
        y[i] = rounded(times(table[t], sum));
    }
}
