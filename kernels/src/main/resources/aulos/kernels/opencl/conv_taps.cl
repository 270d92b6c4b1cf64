// SPDX-License-Identifier: Apache-2.0
//
// A part of conv.cl: conv_taps and conv_few.

// What a work-item loads of B: PASSES rows, ROW_STEP apart, SLOTS vectors of LB columns in each.
#define A_VECTORS (BK * BM / 4)
#define A_LOADS ((A_VECTORS + WG - 1) / WG)
#if A_LOCAL
#define A_TILE(step) A[(step) & DOUBLE_BUFFER], LDA
#else
#define A_TILE(step) weights + (step) * BK * BM, LDA
#endif
#define ROW_STEP (WG / LANES)
#define PASSES (BK / ROW_STEP)
#define SLOTS (BN / (LANES * LB))
#define B_SLOT(buffer, p, s) (B[buffer] + (item / LANES + (p) * ROW_STEP) * LDB + ((s) * LANES + item % LANES) * LB)
// The columns of a work-item's slots: the place of the segment's first channel, and the position in its rows.
typedef struct {
    int base[SLOTS][LB], position[SLOTS][LB];
} Columns;

static void find_columns(Geometry g, Columns *columns, int n0, int lane, int group) {
#pragma unroll
    for (int s = 0; s < SLOTS; s++) {
#if LB > 1
#pragma unroll 1
#endif
        for (int l = 0; l < LB; l++) {
            int n = n0 + (s * LANES + lane) * LB + l;
            bool there = n < g.batch * g.columns;
            columns->base[s][l] = there ? (n / g.columns * g.groups + group) * g.inRows * g.inLength : 0;
            columns->position[s][l] = there ? n % g.columns * g.inStride : NOWHERE;
        }
    }
}

static FLOATB load_columns(global const float *x, Geometry g, Fusion f, const Columns *columns, int slot, int c,
        int shift) {
    FLOATB v;
#if LB == 1
    int p = columns->position[slot][0] + shift;
    v = (uint)p < (uint)g.inLength ? x[columns->base[slot][0] + c * g.inLength + p] : 0;
#else
    int first = columns->position[slot][0] + shift;
    int last = columns->position[slot][LB - 1] + shift;
    // With another stride the difference could come about across segments.
    if (g.inStride == 1 && first >= 0 && last < g.inLength && last - first == LB - 1) {
        v = VLOADB(0, x + columns->base[slot][0] + c * g.inLength + first);
    } else {
        float each[LB];
#pragma unroll 1
        for (int l = 0; l < LB; l++) {
            int p = columns->position[slot][l] + shift;
            each[l] = (uint)p < (uint)g.inLength ? x[columns->base[slot][l] + c * g.inLength + p] : 0;
        }
        v = VLOADB(0, each);
    }
#endif
    return v > 0 ? v : f.slope * v;
}

// Finishes and writes the sums of one work-item, or just writes them if they are one part of several. What is not
// taken by the whole vectors of the common case goes through loops that stay loops: the compiler has enough to do.
static void store(Geometry g, Fusion f, SUMS sum[SM][SN], int n0, int m0, int phase, int group, int split,
        global float *y, global const float *bias, global const float *first, global const float *second) {
    const int total = g.batch * g.columns;
    const int rowLength = g.outRows * g.outLength;
    const int flags = g.splits > 1 ? 0 : f.flags;
    const float scale = g.splits > 1 ? 1 : f.scale;
    // In the index and not in y, so that an index that is a multiple of 4 is an aligned place.
    const int offset = split * g.batch * g.groups * rowLength;
    bool whole = g.outStride == 1;
#pragma unroll
    for (int j = 0; j < SN; j++) {
        const int n = n0 + SUM_COLUMN(j);
        whole = whole && n < total && n % g.columns + SV <= g.columns;
    }
    if (whole) {
#pragma unroll
        for (int j = 0; j < SN; j++) {
            const int n = n0 + SUM_COLUMN(j);
            const int at0 = offset + (n / g.columns * g.groups + group) * rowLength + n % g.columns;
#pragma unroll
            for (int i = 0; i < SM; i++) {
                const int m = m0 + SUM_ROW(i);
                if (m < g.outRows) {
                    const int at = at0 + m * g.outLength;
                    SUMS v = sum[i][j];
                    if (flags & 1) {
                        v += bias[group * g.outRows + m];
                    }
                    if (flags & 2) {
                        v += VLOADS(0, first + at);
                    }
                    if (flags & 4) {
                        v += VLOADS(0, second + at);
                    }
                    v *= scale;
#if SV == 4
                    // One store of 16 bytes; vstore4 promises no alignment and is four stores on a GPU.
                    if (at % 4 == 0) {
                        *(global float4 *)(y + at) = v;
                        continue;
                    }
#endif
                    VSTORES(v, 0, y + at);
                }
            }
        }
    } else {
        float each[SM][SN * SV];
#pragma unroll
        for (int i = 0; i < SM; i++) {
#pragma unroll
            for (int j = 0; j < SN; j++) {
                VSTORES(sum[i][j], j, each[i]);
            }
        }
#pragma unroll 1
        for (int l = 0; l < SN * SV; l++) {
            const int n = n0 + SUM_COLUMN(l / SV) + l % SV;
            const int t = n % g.columns * g.outStride + phase;
            const int at0 = offset + (n / g.columns * g.groups + group) * rowLength + t;
            if (n < total && t < g.outLength) {
#pragma unroll 1
                for (int i = 0; i < SM && m0 + SUM_ROW(i) < g.outRows; i++) {
                    const int at = at0 + (m0 + SUM_ROW(i)) * g.outLength;
                    float v = each[i][l];
                    v += flags & 1 ? bias[group * g.outRows + m0 + SUM_ROW(i)] : 0;
                    v += flags & 2 ? first[at] : 0;
                    v += flags & 4 ? second[at] : 0;
                    y[at] = v * scale;
                }
            }
        }
    }
    if (flags & 8) {
#pragma unroll 1
        for (int l = 0; l < SN * SV; l++) {
            const int n = n0 + SUM_COLUMN(l / SV) + l % SV;
            const int t = n % g.columns * g.outStride + phase;
            const int at0 = offset + (n / g.columns * g.groups + group) * rowLength + t;
            if (n < total && t < g.outLength) {
#pragma unroll 1
                for (int i = 0; i < SM && m0 + SUM_ROW(i) < g.outRows; i++) {
                    const int at = at0 + (m0 + SUM_ROW(i)) * g.outLength;
                    y[at] = tanh(y[at]);
                }
            }
        }
    }
}

#if KERNEL == FEW
kernel __attribute__((reqd_work_group_size(WX, 1, 1)))
void conv_few(Geometry g, Fusion f, global const float *restrict x, global const float *restrict packed,
        global float *restrict y, global const float *restrict bias, global const float *restrict first,
        global const float *restrict second) {
    const int n0 = get_group_id(0) * BN;
    const int mTile = get_group_id(1);
    const int phase = get_group_id(2) % g.outStride;
    const int group = get_group_id(2) / g.outStride % g.groups;
    const int split = get_group_id(2) / g.outStride / g.groups;
    int taps;
    const int firstTap = first_tap(g, phase, &taps);
    const int firstShift = (phase + g.padding - firstTap * g.dilation) / g.outStride;
    const int from = split * g.rowsPerSplit;
    const int to = min(g.inRows * taps, from + g.rowsPerSplit);
    global const float *weights = packed + ((phase * g.groups + group) * get_num_groups(1) + mTile) * g.rows * TM;

    Columns columns;
    find_columns(g, &columns, n0, get_local_id(0), group);
    SUMS sum[SM][SN];
#pragma unroll
    for (int i = 0; i < SM; i++) {
#pragma unroll
        for (int j = 0; j < SN; j++) {
            sum[i][j] = 0;
        }
    }
    int channel = taps == 0 ? 0 : from / taps;
    int tap = taps == 0 ? 0 : from % taps;
    for (int row = from; row < to; row++) {
#pragma unroll
        for (int j = 0; j < NV; j++) {
            SUMS b = load_columns(x, g, f, &columns, j, channel, firstShift + tap * g.shiftStep);
#pragma unroll
            for (int i = 0; i < TM; i++) {
                sum[i][j] = MULTIPLY_ADD((SUMS)weights[row * TM + i], b, sum[i][j]);
            }
        }
        if (++tap == taps) {
            tap = 0;
            channel++;
        }
    }
    store(g, f, sum, n0, mTile * TM, phase, group, split, y, bias, first, second);
}
#else

kernel __attribute__((reqd_work_group_size(WX, WY, 1)))
void conv_taps(Geometry g, Fusion f, global const float *restrict x, global const float *restrict packed,
        global float *restrict y, global const float *restrict bias, global const float *restrict first,
        global const float *restrict second) {
    const int tx = get_local_id(0), ty = get_local_id(1);
    const int item = ty * WX + tx;
    const int n0 = get_group_id(0) * BN;
    const int mTile = get_group_id(1);
    const int phase = get_group_id(2) % g.outStride;
    const int group = get_group_id(2) / g.outStride % g.groups;
    const int split = get_group_id(2) / g.outStride / g.groups;

    int taps;
    const int firstTap = first_tap(g, phase, &taps);
    const int firstShift = (phase + g.padding - firstTap * g.dilation) / g.outStride;
    const int from = split * g.rowsPerSplit;
    const int to = min(g.inRows * taps, from + g.rowsPerSplit);
    const int steps = to > from ? (to - from + BK - 1) / BK : 0;

    Columns columns;
    find_columns(g, &columns, n0, item % LANES, group);
    int channel[PASSES], tap[PASSES];
    for (int p = 0; p < PASSES; p++) {
        int row = from + item / LANES + p * ROW_STEP;
        channel[p] = taps == 0 ? 0 : row / taps;
        tap[p] = taps == 0 ? 0 : row % taps;
    }
    const int channelStep = taps == 0 ? 0 : BK / taps;
    const int tapStep = taps == 0 ? 0 : BK % taps;
    global const float *weights = packed
            + (((phase * g.groups + group) * get_num_groups(1) + mTile) * g.rows + from) * BM;

    SUMS sum[SM][SN];
#pragma unroll
    for (int i = 0; i < SM; i++) {
#pragma unroll
        for (int j = 0; j < SN; j++) {
            sum[i][j] = 0;
        }
    }
    EXCHANGE
    local float B[1 + DOUBLE_BUFFER][BK * LDB] __attribute__((aligned(64)));
#if A_LOCAL
    local float A[1 + DOUBLE_BUFFER][BK * LDA] __attribute__((aligned(64)));
    float4 nextA[A_LOADS];
#endif
#if DOUBLE_BUFFER
    FLOATB nextB[PASSES][SLOTS];
#endif
    for (int step = 0; step < steps + DOUBLE_BUFFER; step++) {
        if (step < steps) {
#if A_LOCAL
#pragma unroll
            for (int i = 0; i < A_LOADS; i++) {
                if (A_VECTORS % WG == 0 || i * WG + item < A_VECTORS) {
                    nextA[i] = *(global const float4 *)(weights + (step * A_VECTORS + i * WG + item) * 4);
                }
            }
#endif
#if DOUBLE_BUFFER
#pragma unroll
#else
#pragma unroll 1
#endif
            for (int p = 0; p < PASSES; p++) {
                int shift = firstShift + tap[p] * g.shiftStep;
#if DOUBLE_BUFFER
#pragma unroll
#else
#pragma unroll 1
#endif
                for (int s = 0; s < SLOTS; s++) {
                    FLOATB v = channel[p] < g.inRows ? load_columns(x, g, f, &columns, s, channel[p], shift) : 0;
#if DOUBLE_BUFFER
                    nextB[p][s] = v;
#else
                    VSTOREB(v, 0, B_SLOT(0, p, s));
#endif
                }
                channel[p] += channelStep;
                tap[p] += tapStep;
                if (tap[p] >= taps) {
                    tap[p] -= taps;
                    channel[p]++;
                }
            }
        }
#if DOUBLE_BUFFER
        if (step > 0) {
            multiply(A_TILE(step - 1), B[(step - 1) & 1], sum WITH_EXCHANGE);
        }
#endif
        if (step < steps) {
#if A_LOCAL
#pragma unroll
            for (int i = 0; i < A_LOADS; i++) {
                int at = (i * WG + item) * 4;
                if (A_VECTORS % WG == 0 || at < BK * BM) {
                    *(local float4 *)(A[step & DOUBLE_BUFFER] + at / BM * LDA + at % BM) = nextA[i];
                }
            }
#endif
#if DOUBLE_BUFFER
#pragma unroll
            for (int p = 0; p < PASSES; p++) {
#pragma unroll
                for (int s = 0; s < SLOTS; s++) {
                    VSTOREB(nextB[p][s], 0, B_SLOT(step & 1, p, s));
                }
            }
#endif
        }
        barrier(CLK_LOCAL_MEM_FENCE);
#if !DOUBLE_BUFFER
        multiply(A_TILE(step), B[0], sum WITH_EXCHANGE);
        barrier(CLK_LOCAL_MEM_FENCE);
#endif
    }

    store(g, f, sum, n0, mTile * BM, phase, group, split, y, bias, first, second);
}
#endif
