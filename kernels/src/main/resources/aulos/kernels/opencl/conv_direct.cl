// SPDX-License-Identifier: Apache-2.0
//
// A convolution or its transpose in float32: the tile of the input is read by all taps from local memory, through a
// window of registers that moves along time, so a value is loaded once for all taps that a work-item needs it for.
//
//   work-item:  TM rows x TN neighbouring columns of sums       warp:  LY work-items high, 32 / LY wide
//   group:      WX x WY work-items, and SL times as many, of which each slice sums other rows of a stage
//
// A stage is SL * CB rows: their tile of the input and their weights, as conv_order.cl packs them,
// [tile of m][row][tap][m], in one of two buffers, while the next stage is on its way to the other.

#ifndef WX
#define WX 16
#endif
#ifndef WY
#define WY 8
#endif
#ifndef LY
#define LY 4
#endif
#ifndef TM
#define TM 8
#endif
#ifndef TN
#define TN 8
#endif
#ifndef SL
#define SL 1
#endif
#ifndef CB
#define CB 4
#endif
// Taps that are unrolled; K is a multiple. If it is not all of them, KU * D must be a multiple of four.
#ifndef KU
#define KU K
#endif
// 1: weights go to local memory past the registers, as GPUs of NVIDIA can from compute capability 8.0 on.
#ifndef ASYNC
#define ASYNC 0
#endif

#define TG (WX * WY)
#define WG (TG * SL)
#define BM (WY * TM)
#define BN (WX * TN)
#include "conv_tile.clh"
#define SC (SL * CB)
#define TILE (SC * WIDTH)
#define WEIGHTS (SC * K * BM)
#define STAGE (TILE + WEIGHTS)
#define SUMS (SL / 2 * BM * BN)
#define POOL (2 * STAGE > SUMS ? 2 * STAGE : SUMS)
#define X_PIECES (SC * PIECES)
#define X_EACH ((X_PIECES + WG - 1) / WG)
#define W_EACH ((WEIGHTS / 4 + WG - 1) / WG)
// The vectors of the window that tap k is the first to need.
#define FIRST(k) ((LEFT + (k) * D) / 4)
#define LAST(k) ((LEFT + (k) * D + TN - 1) / 4)
#define WINDOW (LAST(KU - 1) + 1)

// KU taps of one row: x, the tile from the work-item's first column on; w, the weights of its rows.
static void multiply(local const float *x, local const float *w, const int *column, float sum[TM][TN]) {
#if !JOINED
    float window[WINDOW * 4];
#endif
    UNROLL for (int k = 0; k < KU; k++) {
        float b[TN];
#if JOINED
        UNROLL for (int j = 0; j < TN; j++) {
            b[j] = x[column[j] + k * D];
        }
#else
        UNROLL for (int q = 0; q < WINDOW; q++) {
            if (q >= FIRST(k) && q <= LAST(k) && (k == 0 || q > LAST(k - 1))) {
                float4 v = *(local const float4 *)(x + q * 4);
                window[q * 4] = v.x;
                window[q * 4 + 1] = v.y;
                window[q * 4 + 2] = v.z;
                window[q * 4 + 3] = v.w;
            }
        }
        UNROLL for (int j = 0; j < TN; j++) {
            b[j] = window[LEFT + k * D + j];
        }
#endif
        float a[TM];
        UNROLL for (int i = 0; i < TM; i += TM % 4 == 0 ? 4 : 1) {
#if TM % 4 == 0
            float4 v = *(local const float4 *)(w + k * BM + i);
            a[i] = v.x;
            a[i + 1] = v.y;
            a[i + 2] = v.z;
            a[i + 3] = v.w;
#else
            a[i] = w[k * BM + i];
#endif
        }
        UNROLL for (int i = 0; i < TM; i++) {
            UNROLL for (int j = 0; j < TN; j++) {
                sum[i][j] = fma(a[i], b[j], sum[i][j]);
            }
        }
    }
}

kernel __attribute__((reqd_work_group_size(WG, 1, 1)))
void conv_direct(Geometry g, Fusion f, global const float *restrict x, global const float *restrict packed,
        global float *restrict y, global const float *restrict bias, global const float *restrict first,
        global const float *restrict second) {
    local float pool[POOL] __attribute__((aligned(128)));
    COLUMNS
    const int item = get_local_id(0), slice = item / TG, warp = item % TG / 32;
    const int tx = warp % (WX / (32 / LY)) * (32 / LY) + item % (32 / LY);
    const int ty = warp / (WX / (32 / LY)) * LY + item % 32 / (32 / LY);
    const Place p = find_place(g);
#if !VECTORS
    find_columns(g, p, &columns, item);
    barrier(CLK_LOCAL_MEM_FENCE);
#endif
    global const float *w = packed
            + ((p.phase * g.groups + p.group) * get_num_groups(1) + p.mTile) * g.stages * WEIGHTS;
    int column[TN];
#if JOINED
    UNROLL for (int j = 0; j < TN; j++) {
        column[j] = local_column(g, p, tx * TN + j);
    }
#endif
    float sum[TM][TN];
    UNROLL for (int i = 0; i < TM; i++) {
        UNROLL for (int j = 0; j < TN; j++) {
            sum[i][j] = 0;
        }
    }
    PIECE nextX[X_EACH];
#if !ASYNC
    float4 nextW[W_EACH];
#endif
#pragma unroll 1
    for (int s = -1; s < g.stages; s++) {
        local float *now = pool + (s & 1) * STAGE, *next = pool + ((s + 1) & 1) * STAGE;
        if (s + 1 < g.stages) {
            UNROLL for (int i = 0; i < W_EACH; i++) {
                int v = i * WG + item;
                if (WEIGHTS / 4 % WG == 0 || v < WEIGHTS / 4) {
#if ASYNC
                    asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::
                            "r"((uint)(size_t)(next + TILE + v * 4)), "l"(w + (s + 1) * WEIGHTS + v * 4) : "memory");
#else
                    nextW[i] = *(global const float4 *)(w + (s + 1) * WEIGHTS + v * 4);
#endif
                }
            }
            UNROLL for (int i = 0; i < X_EACH; i++) {
                int v = i * WG + item;
                if (X_PIECES % WG == 0 || v < X_PIECES) {
                    nextX[i] = load(x, g, p, (s + 1) * SC + v / PIECES, v % PIECES WITH_COLUMNS);
                }
            }
        }
        if (s >= 0) {
#pragma unroll 1
            for (int c = slice * CB; c < (slice + 1) * CB; c++) {
#pragma unroll 1
                for (int k = 0; k < K; k += KU) {
                    multiply(now + c * WIDTH + (JOINED ? 0 : tx * TN) + k * D, now + TILE + (c * K + k) * BM + ty * TM,
                            column, sum);
                }
            }
        }
        if (s + 1 < g.stages) {
            UNROLL for (int i = 0; i < X_EACH; i++) {
                int v = i * WG + item;
                if (X_PIECES % WG == 0 || v < X_PIECES) {
                    *(local PIECE *)(next + v * PIECE_LENGTH) = LEAKY(nextX[i], f.slope);
                }
            }
#if ASYNC
            asm volatile("cp.async.wait_all;" ::: "memory");
#else
            UNROLL for (int i = 0; i < W_EACH; i++) {
                int v = i * WG + item;
                if (WEIGHTS / 4 % WG == 0 || v < WEIGHTS / 4) {
                    *(local float4 *)(next + TILE + v * 4) = nextW[i];
                }
            }
#endif
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }
#if SL > 1
    // The slices' sums, halved in number at each step, always in the same order.
#pragma unroll 1
    for (int h = SL / 2; h >= 1; h /= 2) {
        local float *mine = pool + (slice >= h ? slice - h : slice) * (BM * BN) + item % TG;
        if (slice >= h && slice < 2 * h) {
            UNROLL for (int i = 0; i < TM * TN; i++) {
                mine[i * TG] = sum[i / TN][i % TN];
            }
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        if (slice < h) {
            UNROLL for (int i = 0; i < TM * TN; i++) {
                sum[i / TN][i % TN] += mine[i * TG];
            }
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    if (slice > 0) {
        return;
    }
#endif
    UNROLL for (int i = 0; i < TM; i++) {
        const int m = p.mTile * BM + ty * TM + i;
#if VECTOR_STORES
        UNROLL for (int j = 0; j < TN; j += 4) {
            store4(g, p, f, (float4)(sum[i][j], sum[i][j + 1], sum[i][j + 2], sum[i][j + 3]), m, tx * TN + j, y, bias,
                    first, second);
        }
#else
        UNROLL for (int j = 0; j < TN; j++) {
            store1(g, p, f, sum[i][j], m, tx * TN + j, y, bias, first, second);
        }
#endif
    }
}
