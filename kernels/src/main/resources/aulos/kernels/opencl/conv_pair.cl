// SPDX-License-Identifier: Apache-2.0
//
// Two convolutions of a residual block in one kernel, in TF32 or BF16 on tensor cores, for few channels:
//
//   y = scale * (conv2(lrelu(conv1(lrelu(x)))) + residuals)        conv1: K taps D apart; conv2: K taps side by side
//
// All channels are one stage, and what is between the convolutions never leaves local memory. It is computed for BN columns,
// of which the second convolution makes BO, as each of its outputs reads K of them:
//
//   x:  | (K - 1) * D more columns than |
//   h:    | BN columns                |      column j is at n0 - (K - 1) / 2 + j; outside of the segment it is zero
//   y:      | BO columns |                   column j is at n0 + j
//
// Tiles, fragments and the order of the sums are those of conv_mma.cl, so the result has the same bits.

// Channels, a multiple of 16.
#ifndef C
#define C 32
#endif
// Warps along columns (each has all channels), and results of 8 columns of a warp.
#ifndef WN
#define WN 4
#endif
#ifndef NT
#define NT 4
#endif

#define MT (C / 16)
#define WG (32 * WN)
#define BN (WN * NT * 8)
#include "mma.clh"
#include "conv_tile.clh"
#define BO ((BN - K + 1) / 8 * 8)
#define PAD8(w) ((40 - (w) % 32) % 32)
#define PAD24(w) ((56 - (w) % 32) % 32)
#define PADDED(w) ((w) + (PAD8(w) < PAD24(w) ? PAD8(w) : PAD24(w)))
#define LDX PADDED(WIDTH)
#define LDH PADDED(BN + K - 1)
#define ROWS (C / PER_WORD)
#define POOL (ROWS * (LDX > LDH ? LDX : LDH))
#define STEPS (C / MK * K)

// All channels of the tile times all weights: taps shift apart, rows of the tile ld apart; w, this lane's weights.
// Inlined twice: the sums have to stay in registers.
static __attribute__((always_inline)) void multiply(local const uint *tile, int ld, int shift,
        global const uint4 *w, const int *column, float sum[MT][NT][4] EXCHANGE_ARGUMENT) {
    UNROLL for (int i = 0; i < MT * NT * 4; i++) {
        sum[i / (NT * 4)][i / 4 % NT][i % 4] = 0;
    }
    uint4 next[MT];
    UNROLL for (int i = 0; i < MT; i++) {
        next[i] = w[i * STEPS * 32];
    }
#pragma unroll 1
    for (int q = 0; q < C / MK; q++) {
        UNROLL for (int k = 0; k < K; k++) {
            uint4 a[MT];
            UNROLL for (int i = 0; i < MT; i++) {
                a[i] = next[i];
                next[i] = w[(i * STEPS + min(q * K + k + 1, STEPS - 1)) * 32];
            }
            local const uint *from = tile + q * (MK / PER_WORD) * ld + k * shift;
            UNROLL for (int j = 0; j < NT; j++) {
                uint b0 = from[column[j]], b1 = from[column[j] + 4 * ld];
                UNROLL for (int i = 0; i < MT; i++) {
                    mma(sum[i][j], a[i], b0, b1 PASS_EXCHANGE);
                }
            }
        }
    }
}

kernel __attribute__((reqd_work_group_size(WG, 1, 1)))
void conv_pair(Geometry g, Fusion f1, Fusion f2, global const float *restrict x, global const uint4 *restrict w1,
        global const uint4 *restrict w2, global float *restrict y, global const float *restrict bias1,
        global const float *restrict bias2, global const float *restrict first, global const float *restrict second) {
    local uint pool[POOL] __attribute__((aligned(128)));
    COLUMNS
    EXCHANGE
    const int item = get_local_id(0), lane = item % 32, wn = item / 32;
    Place p = find_place(g);
    p.n0 = get_group_id(0) * BO;
    p.start -= (K - 1) / 2;
#if !VECTORS
    find_columns(g, p, &columns, item);
    barrier(CLK_LOCAL_MEM_FENCE);
#endif
#pragma unroll 1
    for (int v = item; v < ROWS * PIECES; v += WG) {
        int row = v / PIECES * PER_WORD;
        PIECE l = LEAKY(load(x, g, p, row, v % PIECES WITH_COLUMNS), f1.slope);
#if PER_WORD == 2
        PIECE h = LEAKY(load(x, g, p, row + 1, v % PIECES WITH_COLUMNS), f1.slope);
#else
        PIECE h = l;
#endif
        local uint *to = pool + v / PIECES * LDX + v % PIECES * PIECE_LENGTH;
#if VECTORS
        *(local uint4 *)to = (uint4)(rounded(l.x, h.x), rounded(l.y, h.y), rounded(l.z, h.z), rounded(l.w, h.w));
#else
        *to = rounded(l, h);
#endif
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    int column[NT];
    float sum[MT][NT][4];
    UNROLL for (int j = 0; j < NT; j++) {
        column[j] = LEFT + (wn * NT + j) * 8 + lane / 4 + lane % 4 * LDX;
    }
    multiply(pool, LDX, D, w1 + lane, column, sum WITH_EXCHANGE);
    barrier(CLK_LOCAL_MEM_FENCE);
    UNROLL for (int i = 0; i < MT; i++) {
        const int m = i * 16 + lane / 4 * 2;
        const float add0 = bias1[m], add1 = bias1[m + 1];
        UNROLL for (int j = 0; j < NT; j++) {
            const int c = (wn * NT + j) * 8 + lane % 4 * 2;
            UNROLL for (int q = 0; q < 2; q++) {
                const int t = p.n0 - (K - 1) / 2 + c + q;
                const bool there = (uint)t < (uint)g.outLength;
                float low = there ? leaky(sum[i][j][q] + add0, f2.slope) : 0;
                float high = there ? leaky(sum[i][j][q + 2] + add1, f2.slope) : 0;
#if PER_WORD == 2
                pool[m / 2 * LDH + c + q] = rounded(low, high);
#else
                pool[m * LDH + c + q] = rounded(low, low);
                pool[(m + 1) * LDH + c + q] = rounded(high, high);
#endif
            }
        }
    }
    // What only columns beyond BO read.
    for (int v = item; v < ROWS * (K - 1); v += WG) {
        pool[v / (K - 1) * LDH + BN + v % (K - 1)] = 0;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    UNROLL for (int j = 0; j < NT; j++) {
        column[j] = (wn * NT + j) * 8 + lane / 4 + lane % 4 * LDH;
    }
    multiply(pool, LDH, 1, w2 + lane, column, sum WITH_EXCHANGE);
    UNROLL for (int i = 0; i < MT; i++) {
        const int m = i * 16 + lane / 4 * 2;
        UNROLL for (int j = 0; j < NT; j++) {
            const int c = (wn * NT + j) * 8 + lane % 4 * 2;
            if (c < BO) {
#if VECTOR_STORES
                store2(g, p, f2, (float2)(sum[i][j][0], sum[i][j][1]), m, c, y, bias2, first, second);
                store2(g, p, f2, (float2)(sum[i][j][2], sum[i][j][3]), m + 1, c, y, bias2, first, second);
#else
                UNROLL for (int q = 0; q < 4; q++) {
                    store1(g, p, f2, sum[i][j][q], m + q / 2, c + q % 2, y, bias2, first, second);
                }
#endif
            }
        }
    }
}
