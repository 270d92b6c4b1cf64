// SPDX-License-Identifier: Apache-2.0
//
// Convolutions as products of matrices whose right-hand side is never written down (implicit GEMM).
//
//   conv_taps    y[m, n]    = sum over rows (c, tap) of w[m, (c, tap)] * x[(c, tap), n]:  convolution and its transpose
//   conv_weight  w[m, n]    = sum over rows (b, t) of g[m, (b, t)] * x[n, (b, t)],        n = (c, k)
//   conv_few     what conv_taps computes, for few channels in or out, where there is nothing to share
//
// A work-group computes BM x BN values, BK rows at a time: both operands go through local memory, as A[row][m] and
// B[row][n]; each work-item then holds TM x (NV * VN) sums in registers. In conv_few every work-item reads its row of B
// by itself. Every sum is taken in one fixed order. One compilation gives one of the kernels.

#define TAPS 0
#define WEIGHT 1
#define FEW 2
#ifndef KERNEL
#define KERNEL TAPS
#endif

// Work-items of a group: WX along n, WY along m.
#ifndef WX
#define WX 16
#endif
#ifndef WY
#define WY 16
#endif
// Values of m per work-item, and of n: NV vectors of VN.
#ifndef TM
#define TM 8
#endif
#ifndef NV
#define NV 2
#endif
#ifndef VN
#define VN 4
#endif
// Rows at a time.
#ifndef BK
#define BK 16
#endif
// Work-items side by side along n when B is loaded, and consecutive values that each takes in one go.
#ifndef LANES
#define LANES 32
#endif
#ifndef LB
#define LB 1
#endif
// Work-items side by side along the rows when conv_weight loads its operands.
#ifndef LR
#define LR 16
#endif
// 1: the next rows are fetched into registers while the current ones are multiplied. 0: one buffer, fewer registers.
#ifndef DOUBLE_BUFFER
#define DOUBLE_BUFFER 1
#endif
// 1: the packed weights go through local memory; 0: they are read where they lie, for devices whose local memory is a
// cache like any other. conv_weight needs 1.
#ifndef A_LOCAL
#define A_LOCAL 1
#endif
// 1: BK terms are summed before they join the total: more exact, twice the registers.
#ifndef CHUNKED
#define CHUNKED 0
#endif

// What the operands of conv_taps and conv_weight are rounded to; sums are float32. TF32 and BF16 are multiplied by the
// tensor cores of an NVIDIA GPU from compute capability 8.0 on. With MMA_EMULATED, plain code does what they do, on any
// device: so all but three lines of PTX are tested where there is no such GPU.
#define FLOAT32 0
#define TF32 1
#define BF16 2
#ifndef PRECISION
#define PRECISION FLOAT32
#endif

// In conv_few, what a work-item loads is what it computes.
#if KERNEL == FEW
#undef WY
#define WY 1
#undef LANES
#define LANES WX
#undef LB
#define LB VN
#undef A_LOCAL
#define A_LOCAL 0
#undef CHUNKED
#define CHUNKED 0
#undef PRECISION
#define PRECISION FLOAT32
#endif

#define WG (WX * WY)
#define BM (WY * TM)
#define BN (WX * NV * VN)
// A work-item's sums: SM x SN vectors of SV neighbours, at these places in the tile.
#if PRECISION == FLOAT32
#define SM TM
#define SN NV
#define SV VN
#define SUM_ROW(i) (get_local_id(1) * TM + (i))
#define SUM_COLUMN(j) (((j) * WX + get_local_id(0)) * VN)
#else
// As mma.sync spreads a 16 x 8 result over the 32 work-items of a warp; a warp has WARP_M x WARP_N values.
#define ITEM (get_local_id(1) * WX + get_local_id(0))
#define LANE (ITEM % 32)
#define WARP (ITEM / 32)
#define WARPS (WG / 32)
#define WARP_N (BM * BN / WARPS >= 1024 ? 64 : 32)
#define WARPS_N (BN / WARP_N)
#define WARP_M (BM / (WARPS / WARPS_N))
#define SM (WARP_M / 8)
#define SN (WARP_N / 8)
#define SV 2
#define SUM_ROW(i) (WARP / WARPS_N * WARP_M + (i) * 8 + LANE / 4)
#define SUM_COLUMN(j) (WARP % WARPS_N * WARP_N + (j) * 8 + LANE % 4 * 2)
#endif
#define CAT_(a, b) a##b
#define CAT(a, b) CAT_(a, b)
#if SV == 1
#define SUMS float
#define VLOADS(i, p) ((p)[i])
#define VSTORES(v, i, p) ((p)[i] = (v))
#else
#define SUMS CAT(float, SV)
#define VLOADS CAT(vload, SV)
#define VSTORES CAT(vstore, SV)
#endif
#if LB == 1
#define FLOATB float
#define VLOADB(i, p) ((p)[i])
#define VSTOREB(v, i, p) ((p)[i] = (v))
#else
#define FLOATB CAT(float, LB)
#define VLOADB CAT(vload, LB)
#define VSTOREB CAT(vstore, LB)
#endif
#ifdef FP_FAST_FMAF
#define MULTIPLY_ADD(a, b, c) fma(a, b, c)
#else
#define MULTIPLY_ADD(a, b, c) mad(a, b, c)
#endif

// Far enough below zero that no shift makes it a position inside a row.
#define NOWHERE (-0x40000000)

// One convolution: out[o, j * outStride + phase] = sum over c, k of w[o, c, k] * in[c, j * inStride + shift(phase, k)]
// wherever shift(phase, k) = (phase + padding - k * dilation) / outStride is whole. A convolution has outStride 1, its
// padding and dilation are negated; a transposed one has inStride 1. Channels ("rows") are those of one group.
typedef struct {
    int batch, groups;
    int inRows, inLength, inStride;
    int outRows, outLength, outStride;
    int columns;           // outputs of one phase in one segment: ceil(outLength / outStride)
    int kernelSize, padding, dilation;
    int tapStep, shiftStep; // from one tap of a phase to the next: in k, and in samples of the input
    int rows, splits, rowsPerSplit; // rows is padded to whole BK
} Geometry;

// The pointwise work behind the sum; bit 0: bias, bits 1 and 2: residuals, bit 3: tanh.
typedef struct {
    float slope, scale;
    int flags;
} Fusion;

// The first tap of a phase, and as *count how many there are.
static int first_tap(Geometry g, int phase, int *count) {
    int k = 0;
    while (k < g.tapStep && (phase + g.padding - k * g.dilation) % g.outStride != 0) {
        k++;
    }
    *count = k < g.tapStep && k < g.kernelSize ? (g.kernelSize - 1 - k) / g.tapStep + 1 : 0;
    return k;
}

// Local memory is 32 banks wide: by this padding the places that a warp reads at once are in different ones.
#define PAD (PRECISION == TF32 ? 8 : 4)
#if A_LOCAL
#define A_SPACE local
#define LDA (BM + PAD)
#else
#define A_SPACE global
#define LDA BM
#endif
#if PRECISION == FLOAT32
#define LDB (BN + (VN > 1 ? VN : 0))
#else
#define LDB (BN + PAD)
#endif
// BK rows of A and B, multiplied and added to the sums of one work-item.
#if PRECISION == FLOAT32
static void multiply(A_SPACE const float *A, int lda, local const float *B, SUMS sum[SM][SN]) {
    const int tx = get_local_id(0), ty = get_local_id(1);
#if CHUNKED
    SUMS part[SM][SN];
#pragma unroll
    for (int i = 0; i < TM; i++) {
#pragma unroll
        for (int j = 0; j < NV; j++) {
            part[i][j] = 0;
        }
    }
#else
#define part sum
#endif
#if DOUBLE_BUFFER
#pragma unroll 4
#else
#pragma unroll 1
#endif
    for (int k = 0; k < BK; k++) {
        float a[TM];
        SUMS b[NV];
#if A_LOCAL && TM % 4 == 0
#pragma unroll
        for (int i = 0; i < TM; i += 4) {
            float4 v = *(local const float4 *)(A + k * lda + ty * TM + i);
            a[i] = v.x;
            a[i + 1] = v.y;
            a[i + 2] = v.z;
            a[i + 3] = v.w;
        }
#else
#pragma unroll
        for (int i = 0; i < TM; i++) {
            a[i] = A[k * lda + ty * TM + i];
        }
#endif
#pragma unroll
        for (int j = 0; j < NV; j++) {
            b[j] = *(local const SUMS *)(B + k * LDB + (j * WX + tx) * VN);
        }
#pragma unroll
        for (int i = 0; i < TM; i++) {
#pragma unroll
            for (int j = 0; j < NV; j++) {
                part[i][j] = MULTIPLY_ADD((SUMS)a[i], b[j], part[i][j]);
            }
        }
    }
#if CHUNKED
#pragma unroll
    for (int i = 0; i < TM; i++) {
#pragma unroll
        for (int j = 0; j < NV; j++) {
            sum[i][j] += part[i][j];
        }
    }
#endif
}
#else
#if PRECISION == TF32
#define MMA_K 8
#else
#define MMA_K 16
#endif

#ifdef MMA_EMULATED
// One warp's A, 16 x MMA_K, and B, MMA_K x 8.
typedef struct {
    float a[16][MMA_K], b[MMA_K][8];
} Exchange;
#define EXCHANGE local Exchange exchange[WARPS];
#define EXCHANGE_ARGUMENT , local Exchange *exchange
#define WITH_EXCHANGE , exchange
#else
#define EXCHANGE
#define EXCHANGE_ARGUMENT
#define WITH_EXCHANGE
#endif

// What one register of a fragment holds: the value of row k + LANE % 4, or of BF16 the pair of rows k + LANE % 4 * 2.
static uint fragment(local const float *p, int ld, int k) {
    uint r;
#if PRECISION == TF32
    float v = p[(k + LANE % 4) * ld];
#ifdef MMA_EMULATED
    r = (as_uint(v) + 0x1000) & 0xffffe000;
#else
    asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(r) : "f"(v));
#endif
#else
    float low = p[(k + LANE % 4 * 2) * ld];
    float high = p[(k + LANE % 4 * 2 + 1) * ld];
#ifdef MMA_EMULATED
    uint l = as_uint(low), h = as_uint(high);
    r = (l + 0x7fff + (l >> 16 & 1)) >> 16 | ((h + 0x7fff + (h >> 16 & 1)) & 0xffff0000);
#else
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(r) : "f"(high), "f"(low));
#endif
#endif
    return r;
}

// D = A * B + D for a warp: A of 16 x MMA_K in four registers, B of MMA_K x 8 in two, D of 16 x 8 in four, of which
// upper and lower have two each (PTX ISA, "Matrix Fragments for mma.m16n8k8" and "mma.m16n8k16").
static void mma(uint a0, uint a1, uint a2, uint a3, uint b0, uint b1, float2 *upper, float2 *lower
        EXCHANGE_ARGUMENT) {
#ifdef MMA_EMULATED
    const uint a[4] = {a0, a1, a2, a3}, b[2] = {b0, b1};
    local Exchange *mine = exchange + WARP;
    const int group = LANE >> 2, thread = LANE % 4;
    for (int i = 0; i < 4; i++) {
        int row = i == 0 || i == 2 ? group : group + 8;
#if PRECISION == TF32
        mine->a[row][i < 2 ? thread : thread + 4] = as_float(a[i]);
#else
        mine->a[row][thread * 2 + (i < 2 ? 0 : 8)] = as_float(a[i] << 16);
        mine->a[row][thread * 2 + 1 + (i < 2 ? 0 : 8)] = as_float(a[i] & 0xffff0000);
#endif
    }
    for (int i = 0; i < 2; i++) {
#if PRECISION == TF32
        mine->b[thread + i * 4][group] = as_float(b[i]);
#else
        mine->b[thread * 2 + i * 8][group] = as_float(b[i] << 16);
        mine->b[thread * 2 + 1 + i * 8][group] = as_float(b[i] & 0xffff0000);
#endif
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int k = 0; k < MMA_K; k++) {
        upper->x += mine->a[group][k] * mine->b[k][thread * 2];
        upper->y += mine->a[group][k] * mine->b[k][thread * 2 + 1];
        lower->x += mine->a[group + 8][k] * mine->b[k][thread * 2];
        lower->y += mine->a[group + 8][k] * mine->b[k][thread * 2 + 1];
    }
    barrier(CLK_LOCAL_MEM_FENCE);
#else
    float d0 = upper->x, d1 = upper->y, d2 = lower->x, d3 = lower->y;
#if PRECISION == TF32
    asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
#else
    asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
#endif
        : "+f"(d0), "+f"(d1), "+f"(d2), "+f"(d3)
        : "r"(a0), "r"(a1), "r"(a2), "r"(a3), "r"(b0), "r"(b1));
    *upper = (float2)(d0, d1);
    *lower = (float2)(d2, d3);
#endif
}

static void multiply(local const float *A, int lda, local const float *B, SUMS sum[SM][SN] EXCHANGE_ARGUMENT) {
    A += WARP / WARPS_N * WARP_M + LANE / 4;
    B += WARP % WARPS_N * WARP_N + LANE / 4;
#ifdef MMA_EMULATED
#define UNROLL _Pragma("unroll 1")
#else
#define UNROLL _Pragma("unroll")
#endif
    UNROLL for (int k = 0; k < BK; k += MMA_K) {
        UNROLL for (int i = 0; i < SM; i += 2) {
            uint a0 = fragment(A + i * 8, lda, k), a1 = fragment(A + i * 8 + 8, lda, k);
            uint a2 = fragment(A + i * 8, lda, k + MMA_K / 2), a3 = fragment(A + i * 8 + 8, lda, k + MMA_K / 2);
            UNROLL for (int j = 0; j < SN; j++) {
                uint b0 = fragment(B + j * 8, LDB, k), b1 = fragment(B + j * 8, LDB, k + MMA_K / 2);
                mma(a0, a1, a2, a3, b0, b1, &sum[i][j], &sum[i + 1][j] WITH_EXCHANGE);
            }
        }
    }
}
#endif
#if PRECISION == FLOAT32
#define EXCHANGE
#define WITH_EXCHANGE
#endif

#if KERNEL != WEIGHT
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
#else

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
#endif
