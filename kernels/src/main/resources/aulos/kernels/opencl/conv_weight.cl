// SPDX-License-Identifier: Apache-2.0
//
// A part of conv.cl: conv_weight.

// What a work-item loads: rows item % LR, LR apart, of every LINE_STEP-th line, that is channel of g or (c, k) of x.
#define ROWS_EACH (BK / LR)
#define LINE_STEP (WG / LR)
#define A_LINES (BM / LINE_STEP)
#define B_LINES (BN / LINE_STEP)
#define A_PLACE(buffer, i, q) (A[buffer] + (item % LR + (q) * LR) * LDA + item / LR + (i) * LINE_STEP)
#define B_PLACE(buffer, i, q) (B[buffer] + (item % LR + (q) * LR) * LDB + item / LR + (i) * LINE_STEP)

kernel __attribute__((reqd_work_group_size(WX, WY, 1)))
void conv_weight(Geometry g, float inputSlope, float gradientSlope, global const float *restrict x,
        global const float *restrict gradient, global float *restrict w) {
    const int tx = get_local_id(0), ty = get_local_id(1);
    const int item = ty * WX + tx;
    const int n0 = get_group_id(0) * BN, m0 = get_group_id(1) * BM;
    const int group = get_group_id(2) % g.groups, split = get_group_id(2) / g.groups;
    const int cells = g.inRows * g.kernelSize;
    const int from = split * g.rowsPerSplit;
    const int to = min(g.batch * g.columns, from + g.rowsPerSplit);
    const int steps = to > from ? (to - from + BK - 1) / BK : 0;

    // Lines beyond the matrix repeat the last one, and their sums are thrown away.
    int lineA[A_LINES], lineB[B_LINES], shift[B_LINES];
    for (int i = 0; i < A_LINES; i++) {
        int m = min(m0 + item / LR + i * LINE_STEP, g.outRows - 1);
        lineA[i] = (group * g.outRows + m) * g.columns;
    }
    for (int i = 0; i < B_LINES; i++) {
        int n = min(n0 + item / LR + i * LINE_STEP, cells - 1);
        lineB[i] = (group * g.inRows + n / g.kernelSize) * g.inLength;
        shift[i] = g.padding - n % g.kernelSize * g.dilation;
    }
    SUMS sum[SM][SN];
#pragma unroll
    for (int i = 0; i < SM; i++) {
#pragma unroll
        for (int j = 0; j < SN; j++) {
            sum[i][j] = 0;
        }
    }
    EXCHANGE
    local float A[1 + DOUBLE_BUFFER][BK * LDA] __attribute__((aligned(64)));
    local float B[1 + DOUBLE_BUFFER][BK * LDB] __attribute__((aligned(64)));
#if DOUBLE_BUFFER
    float nextA[A_LINES][ROWS_EACH], nextB[B_LINES][ROWS_EACH];
#endif
    for (int step = 0; step < steps + DOUBLE_BUFFER; step++) {
        if (step < steps) {
            const int row = from + step * BK + item % LR;
            int segment = row / g.columns, t = row % g.columns;
#if DOUBLE_BUFFER
#pragma unroll
#else
#pragma unroll 1
#endif
            for (int q = 0; q < ROWS_EACH; q++) {
                const bool inside = row + q * LR < to;
                const int atA = segment * g.groups * g.outRows * g.columns + t;
                const int atB = segment * g.groups * g.inRows * g.inLength;
#pragma unroll
                for (int i = 0; i < A_LINES; i++) {
                    float v = inside ? gradient[atA + lineA[i]] : 0;
                    v = v > 0 ? v : gradientSlope * v;
#if DOUBLE_BUFFER
                    nextA[i][q] = v;
#else
                    *A_PLACE(0, i, q) = v;
#endif
                }
#pragma unroll
                for (int i = 0; i < B_LINES; i++) {
                    int p = t * g.inStride + shift[i];
                    float v = inside && (uint)p < (uint)g.inLength ? x[atB + lineB[i] + p] : 0;
                    v = v > 0 ? v : inputSlope * v;
#if DOUBLE_BUFFER
                    nextB[i][q] = v;
#else
                    *B_PLACE(0, i, q) = v;
#endif
                }
                t += LR;
                while (t >= g.columns) {
                    t -= g.columns;
                    segment++;
                }
            }
        }
#if DOUBLE_BUFFER
        if (step > 0) {
            multiply(A[(step - 1) & 1], LDA, B[(step - 1) & 1], sum WITH_EXCHANGE);
        }
        if (step < steps) {
#pragma unroll
            for (int q = 0; q < ROWS_EACH; q++) {
#pragma unroll
                for (int i = 0; i < A_LINES; i++) {
                    *A_PLACE(step & 1, i, q) = nextA[i][q];
                }
#pragma unroll
                for (int i = 0; i < B_LINES; i++) {
                    *B_PLACE(step & 1, i, q) = nextB[i][q];
                }
            }
        }
#endif
        barrier(CLK_LOCAL_MEM_FENCE);
#if !DOUBLE_BUFFER
        multiply(A[0], LDA, B[0], sum WITH_EXCHANGE);
        barrier(CLK_LOCAL_MEM_FENCE);
#endif
    }

    global float *to_w = w + (split * g.groups + group) * g.outRows * cells;
#pragma unroll
    for (int i = 0; i < SM; i++) {
        const int m = m0 + SUM_ROW(i);
        if (m >= g.outRows) {
            continue;
        }
#pragma unroll
        for (int j = 0; j < SN; j++) {
            const int n = n0 + SUM_COLUMN(j);
            if (n + SV <= cells) {
                VSTORES(sum[i][j], 0, to_w + m * cells + n);
                continue;
            }
            float each[SV];
            VSTORES(sum[i][j], 0, each);
            for (int l = 0; n + l < cells; l++) {
                to_w[m * cells + n + l] = each[l];
            }
        }
    }
}
