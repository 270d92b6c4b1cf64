// SPDX-License-Identifier: Apache-2.0
// One-sided discrete Fourier transforms of real rows, by their definition with a work-item per output, or for powers of
// two by Stockham's radix-2 transform with a work-group per row. Arithmetic is float64, or with PAIRS on unevaluated sums
// of two float32, which hold 48 bits. The table holds n window values, n cosines, n sines.
#ifndef GROUP
#define GROUP 64
#endif

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

typedef struct {
    real re;
    real im;
} cnumber;

inline cnumber add(cnumber a, cnumber b) {
    cnumber sum = {plus(a.re, b.re), plus(a.im, b.im)};
    return sum;
}

inline cnumber subtract(cnumber a, cnumber b) {
    cnumber difference = {plus(a.re, negative(b.re)), plus(a.im, negative(b.im))};
    return difference;
}

inline cnumber multiply(cnumber a, cnumber b) {
    cnumber product = {plus(times(a.re, b.re), negative(times(a.im, b.im))), plus(times(a.re, b.im), times(a.im, b.re))};
    return product;
}

inline cnumber conjugate(cnumber a) {
    cnumber mirrored = {a.re, negative(a.im)};
    return mirrored;
}

inline cnumber halve(cnumber a) {
    cnumber halved = {times(a.re, exactly(0.5f)), times(a.im, exactly(0.5f))};
    return halved;
}

// exp(2πi·k/n), or its conjugate.
inline cnumber wave(const global real *table, int n, int k, bool backward) {
    cnumber value = {table[n + k], backward ? table[2 * n + k] : negative(table[2 * n + k])};
    return value;
}

// Transforms m = n/2 complex numbers in a by way of b; returns the one that the result is in.
inline local cnumber *transform(local cnumber *a, local cnumber *b, int n, const global real *table, bool backward) {
    int m = n / 2;
    for (int p = 1; p < m; p *= 2) {
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int i = get_local_id(0); i < m / 2; i += GROUP) {
            int k = i & (p - 1);
            int j = 2 * (i - k) + k;
            cnumber first = a[i];
            cnumber second = multiply(a[i + m / 2], wave(table, n, k * (m / p), backward));
            b[j] = add(first, second);
            b[j + p] = subtract(first, second);
        }
        local cnumber *swapped = a;
        a = b;
        b = swapped;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    return a;
}

// Even and odd samples are real and imaginary part of one transform of half the length, Z: with E and O those of the
// even and of the odd samples, E[k] = (Z[k] + Z*[m−k])/2, O[k] = (Z[k] − Z*[m−k])/2i, and X[k] = E[k] + exp(−2πik/n)·O[k].
kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void fft_forward(int n, global float *restrict y, const global float *restrict x, const global real *restrict table,
        local cnumber *a, local cnumber *b) {
    int m = n / 2;
    size_t row = get_group_id(0);
    const global float *from = x + row * n;
    for (int j = get_local_id(0); j < m; j += GROUP) {
        a[j].re = times(table[2 * j], exactly(from[2 * j]));
        a[j].im = times(table[2 * j + 1], exactly(from[2 * j + 1]));
    }
    local cnumber *z = transform(a, b, n, table, false);
    global float *re = y + row * (2 * (m + 1));
    for (int k = get_local_id(0); k <= m; k += GROUP) {
        cnumber one = z[k < m ? k : 0];
        cnumber other = conjugate(z[k == 0 || k == m ? 0 : m - k]);
        cnumber even = halve(add(one, other));
        cnumber difference = halve(subtract(one, other));
        cnumber odd = {difference.im, negative(difference.re)};
        cnumber sum = add(even, multiply(odd, wave(table, n, k, false)));
        re[k] = rounded(sum.re);
        re[m + 1 + k] = rounded(sum.im);
    }
}

// y[t] = w[t]·Re Σ c[k]·exp(2πikt/n). With c[0] and c[m] made real and doubled, and c[n−k] = c*[k], that is half of a full
// transform, whose even and odd samples are again the real and imaginary part of one of half the length.
inline cnumber coefficient(const global float *re, int m, int k) {
    bool single = k == 0 || k == m;
    cnumber c = {exactly(single ? 2 * re[k] : re[k]), exactly(single ? 0 : re[m + 1 + k])};
    return c;
}

kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void fft_adjoint(int n, global float *restrict y, const global float *restrict x, const global real *restrict table,
        local cnumber *a, local cnumber *b) {
    int m = n / 2;
    size_t row = get_group_id(0);
    const global float *re = x + row * (2 * (m + 1));
    for (int k = get_local_id(0); k < m; k += GROUP) {
        cnumber one = coefficient(re, m, k);
        cnumber other = conjugate(coefficient(re, m, m - k));
        cnumber even = halve(add(one, other));
        cnumber odd = multiply(halve(subtract(one, other)), wave(table, n, k, true));
        a[k].re = plus(even.re, negative(odd.im));
        a[k].im = plus(even.im, odd.re);
    }
    local cnumber *z = transform(a, b, n, table, true);
    for (int j = get_local_id(0); j < m; j += GROUP) {
        y[row * n + 2 * j] = rounded(times(table[2 * j], z[j].re));
        y[row * n + 2 * j + 1] = rounded(times(table[2 * j + 1], z[j].im));
    }
}
