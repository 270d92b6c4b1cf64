// SPDX-License-Identifier: Apache-2.0
// One step of AdamW in place, of up to 24 parameters at once; what depends on the step alone comes computed.

// Work-items of a group, and elements of one parameter that a group takes.
#ifndef GROUP
#define GROUP 64
#endif
#ifndef PART
#define PART 1024
#endif

// A parameter, its gradient and its moments; how many elements, and the first group that works on it.
#define TENSOR(i) global float *p##i, global const float *g##i, global float *m##i, global float *v##i
#define TAKE(i)                   \
    if (group >= first[i]) {      \
        p = p##i;                 \
        g = g##i;                 \
        m = m##i;                 \
        v = v##i;                 \
        n = sizes[i];             \
        start = first[i];         \
    }

typedef struct {
    int of[24];
} Counts;

kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void adamw(Counts size, Counts groups, float beta1, float rest1, float beta2, float rest2, float keep, float rate,
        float correction2, float epsilon,
        TENSOR(0), TENSOR(1), TENSOR(2), TENSOR(3), TENSOR(4), TENSOR(5),
        TENSOR(6), TENSOR(7), TENSOR(8), TENSOR(9), TENSOR(10), TENSOR(11),
        TENSOR(12), TENSOR(13), TENSOR(14), TENSOR(15), TENSOR(16), TENSOR(17),
        TENSOR(18), TENSOR(19), TENSOR(20), TENSOR(21), TENSOR(22), TENSOR(23)) {
    const int group = get_group_id(0);
    const int *sizes = size.of, *first = groups.of;
    global float *p = p0, *m = m0, *v = v0;
    global const float *g = g0;
    int n = sizes[0], start = 0;
    TAKE(1) TAKE(2) TAKE(3) TAKE(4) TAKE(5) TAKE(6)
    TAKE(7) TAKE(8) TAKE(9) TAKE(10) TAKE(11) TAKE(12)
    TAKE(13) TAKE(14) TAKE(15) TAKE(16) TAKE(17) TAKE(18)
    TAKE(19) TAKE(20) TAKE(21) TAKE(22) TAKE(23)
    for (int i = (group - start) * PART + get_local_id(0); i < min(n, (group - start + 1) * PART); i += GROUP) {
        float mean = beta1 * m[i] + rest1 * g[i];
        float square = beta2 * v[i] + rest2 * g[i] * g[i];
        m[i] = mean;
        v[i] = square;
        p[i] = p[i] * keep - rate * mean / (sqrt(square) * correction2 + epsilon);
    }
}
