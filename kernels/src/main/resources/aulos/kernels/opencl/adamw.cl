// SPDX-License-Identifier: Apache-2.0
//
// One step of AdamW in place, of up to TENSORS parameters at once. OpenCL 1.2 has no table of buffers, so each parameter
// is five arguments; a row of work-groups takes it in pieces:
//
//   groups of parameter t (their second index):  | n / groups elements | n / groups elements | ...

// Work-items of a group.
#ifndef GROUP
#define GROUP 64
#endif
// 24, 120 or 256: as many as the device takes arguments for.
#ifndef TENSORS
#define TENSORS 24
#endif

// F of every number below TENSORS, in octal digits.
#define EIGHT(F, d) F(d##0) F(d##1) F(d##2) F(d##3) F(d##4) F(d##5) F(d##6) F(d##7)
#define UP_TO_24(F) EIGHT(F, 0) EIGHT(F, 1) EIGHT(F, 2)
#define UP_TO_120(F) EIGHT(F, 3) EIGHT(F, 4) EIGHT(F, 5) EIGHT(F, 6) EIGHT(F, 7) EIGHT(F, 10) EIGHT(F, 11) EIGHT(F, 12) \
    EIGHT(F, 13) EIGHT(F, 14) EIGHT(F, 15) EIGHT(F, 16)
#define UP_TO_256(F) EIGHT(F, 17) EIGHT(F, 20) EIGHT(F, 21) EIGHT(F, 22) EIGHT(F, 23) EIGHT(F, 24) EIGHT(F, 25) \
    EIGHT(F, 26) EIGHT(F, 27) EIGHT(F, 30) EIGHT(F, 31) EIGHT(F, 32) EIGHT(F, 33) EIGHT(F, 34) EIGHT(F, 35) EIGHT(F, 36) \
    EIGHT(F, 37)
#if TENSORS == 24
#define EACH(F) UP_TO_24(F)
#elif TENSORS == 120
#define EACH(F) UP_TO_24(F) UP_TO_120(F)
#elif TENSORS == 256
#define EACH(F) UP_TO_24(F) UP_TO_120(F) UP_TO_256(F)
#else
#error TENSORS is none of 24, 120 and 256
#endif

// A parameter of n elements, its gradient and its moments.
#define TENSOR(i) , global float *p##i, global const float *g##i, global float *m##i, global float *v##i, int n##i
#define TAKE(i)     \
    case 0##i:      \
        p = p##i;   \
        g = g##i;   \
        m = m##i;   \
        v = v##i;   \
        n = n##i;   \
        break;

// What changes from step to step is read from memory, so that the arguments stay as they are: beta1, 1 - beta1, beta2,
// 1 - beta2, what decay leaves of a parameter, the rate of this step, the correction of the root, epsilon.
kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void adamw(global const float *step EACH(TENSOR)) {
    const float beta1 = step[0], rest1 = step[1], beta2 = step[2], rest2 = step[3];
    const float keep = step[4], rate = step[5], correction2 = step[6], epsilon = step[7];
    global float *p, *m, *v;
    global const float *g;
    int n;
    switch (get_group_id(1)) {
        EACH(TAKE)
        default:
            return;
    }
    const int each = n / (int)get_num_groups(0) / GROUP * GROUP + GROUP, from = get_group_id(0) * each;
    for (int i = from + get_local_id(0); i < min(n, from + each); i += GROUP) {
        float mean = beta1 * m[i] + rest1 * g[i];
        float square = beta2 * v[i] + rest2 * g[i] * g[i];
        m[i] = mean;
        v[i] = square;
        p[i] = p[i] * keep - rate * mean / (sqrt(square) * correction2 + epsilon);
    }
}
