// SPDX-License-Identifier: Apache-2.0
//
// A convolution or its transpose without strides, in float32 with fewer products (toom.clh): taps go in groups of R, outputs
// in fours that are D columns apart, and of each group and four there are N products instead of 4 * R.
//
//   fours of a segment, D = 3:   0 1 2 0 1 2 0 1 2 0 1 2 | 3 4 5 3 4 5 ...       the four q begins at q / D * 4 * D + q % D
//
// Every point is a matrix product of its own, of weights (at the point) by samples (at the point), summed over rows and groups
// of taps: "terms". A work-group computes BM channels of BT fours; its work-items divide among the points:
//
//   local memory, of CB terms:   samples [term][point][four]   weights [term][point][m], as conv_order.cl packs them
//   work-item:                   TM x TN sums of one point     at the end they meet in local memory, row by row
//
// Samples are loaded and brought to the points by one work-item for each term and four, a stage ahead. The fours of all
// segments are one axis, so short segments fill a tile.

// Work-items of a point along fours and channels, and terms of a stage.
#ifndef WX
#define WX 8
#endif
#ifndef WY
#define WY 8
#endif
#ifndef CB
#define CB 4
#endif
#ifndef ASYNC
#define ASYNC 0
#endif

#include "toom.clh"
#define TM 8
#define TN 8
#define TG (WX * WY)
#define WG (N * TG)
#define BM (WY * TM)
#define BT (WX * TN)
#define BN (BT * 4)
#include "conv_tile.clh"
// Groups of taps.
#define G ((K + R - 1) / R)
#define SAMPLES (CB * N * BT)
#define WEIGHTS (CB * N * BM)
#define STAGE (SAMPLES + WEIGHTS)
#define MEETING (N * WY * BT)
#define POOL (2 * STAGE > MEETING ? 2 * STAGE : MEETING)
#define X_EACH ((CB * BT + WG - 1) / WG)
#define W_EACH ((WEIGHTS / 4 + WG - 1) / WG)

typedef struct {
    float of[N];
} Line;

// Where the four begins in its segment, whose number goes to b.
static int first_column(Geometry g, int four, int *b) {
    const int fours = (g.columns + 4 * D - 1) / (4 * D) * D, q = four % fours;
    *b = four / fours;
    return q / D * (4 * D) + q % D;
}

static __attribute__((always_inline)) Line load_line(global const float *x, Geometry g, Place p, int term, int four) {
    int b;
    const int row = term / G, at = first_column(g, four, &b) + p.start + term % G * (R * D);
    global const float *from = x + ((b * g.groups + p.group) * g.inRows + row) * g.inLength;
    const bool there = row < g.rows && b < g.batch;
    Line line;
    UNROLL for (int i = 0; i < N; i++) {
        line.of[i] = there && (uint)(at + i * D) < (uint)g.inLength ? from[at + i * D] : 0;
    }
    return line;
}

static __attribute__((always_inline)) void put_line(Line line, local float *to, float slope) {
    UNROLL for (int i = 0; i < N; i++) {
        line.of[i] = leaky(line.of[i], slope);
    }
    UNROLL for (int point = 0; point < N; point++) {
        float v = 0;
        UNROLL for (int i = 0; i < N; i++) {
            v = fma(samples_at[point][i], line.of[i], v);
        }
        to[point * BT] = v;
    }
}

// CB terms of one point: x, its samples from this work-item's first four on; w, its weights from the first channel on. Of the
// eight fours, and channels, the second four are half a tile away: so the lanes of a warp read neighbouring vectors.
static __attribute__((always_inline)) void multiply(local const float *x, local const float *w, float sum[TM][TN]) {
#pragma unroll 1
    for (int c = 0; c < CB; c++) {
        float a[TM], b[TN];
        UNROLL for (int h = 0; h < 2; h++) {
            float4 v = *(local const float4 *)(w + c * (N * BM) + h * (BM / 2));
            a[h * 4] = v.x;
            a[h * 4 + 1] = v.y;
            a[h * 4 + 2] = v.z;
            a[h * 4 + 3] = v.w;
            v = *(local const float4 *)(x + c * (N * BT) + h * (BT / 2));
            b[h * 4] = v.x;
            b[h * 4 + 1] = v.y;
            b[h * 4 + 2] = v.z;
            b[h * 4 + 3] = v.w;
        }
        UNROLL for (int i = 0; i < TM; i++) {
            UNROLL for (int j = 0; j < TN; j++) {
                sum[i][j] = fma(a[i], b[j], sum[i][j]);
            }
        }
    }
}

kernel __attribute__((reqd_work_group_size(WG, 1, 1)))
void conv_toom(Geometry g, Fusion f, global const float *restrict x, global const float *restrict packed,
        global float *restrict y, global const float *restrict bias, global const float *restrict first,
        global const float *restrict second) {
    local float pool[POOL] __attribute__((aligned(128)));
    const int item = get_local_id(0), point = item / TG, tx = item % TG % WX, ty = item % TG / WX;
    Place p = find_place(g);
    const int four0 = get_group_id(0) * BT;
    p.n0 = 0;
    global const float *w = packed + (p.group * get_num_groups(1) + p.mTile) * g.stages * WEIGHTS;
    float sum[TM][TN];
    UNROLL for (int i = 0; i < TM * TN; i++) {
        sum[i / TN][i % TN] = 0;
    }
    Line nextX[X_EACH];
#if !ASYNC
    float4 nextW[W_EACH];
#endif
#pragma unroll 1
    for (int s = -1; s < g.stages; s++) {
        local float *now = pool + (s & 1) * STAGE, *next = pool + ((s + 1) & 1) * STAGE;
        if (s + 1 < g.stages) {
            UNROLL for (int i = 0; i < W_EACH; i++) {
                const int v = i * WG + item;
                if (WEIGHTS / 4 % WG == 0 || v < WEIGHTS / 4) {
#if ASYNC
                    asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::
                            "r"((uint)(size_t)(next + SAMPLES + v * 4)), "l"(w + (s + 1) * WEIGHTS + v * 4) : "memory");
#else
                    nextW[i] = *(global const float4 *)(w + (s + 1) * WEIGHTS + v * 4);
#endif
                }
            }
            UNROLL for (int i = 0; i < X_EACH; i++) {
                const int v = i * WG + item;
                if (CB * BT % WG == 0 || v < CB * BT) {
                    nextX[i] = load_line(x, g, p, (s + 1) * CB + v / BT, four0 + v % BT);
                }
            }
        }
        if (s >= 0) {
            multiply(now + point * BT + tx * 4, now + SAMPLES + point * BM + ty * 4, sum);
        }
        if (s + 1 < g.stages) {
            UNROLL for (int i = 0; i < X_EACH; i++) {
                const int v = i * WG + item;
                if (CB * BT % WG == 0 || v < CB * BT) {
                    put_line(nextX[i], next + v / BT * (N * BT) + v % BT, f.slope);
                }
            }
#if ASYNC
            asm volatile("cp.async.wait_all;" ::: "memory");
#else
            UNROLL for (int i = 0; i < W_EACH; i++) {
                const int v = i * WG + item;
                if (WEIGHTS / 4 % WG == 0 || v < WEIGHTS / 4) {
                    *(local float4 *)(next + SAMPLES + v * 4) = nextW[i];
                }
            }
#endif
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    // One of the TM rows of every work-item at a time: [point][ty][four].
    UNROLL for (int i = 0; i < TM; i++) {
        UNROLL for (int h = 0; h < 2; h++) {
            *(local float4 *)(pool + (point * WY + ty) * BT + h * (BT / 2) + tx * 4)
                    = (float4)(sum[i][h * 4], sum[i][h * 4 + 1], sum[i][h * 4 + 2], sum[i][h * 4 + 3]);
        }
        barrier(CLK_LOCAL_MEM_FENCE);
#pragma unroll 1
        for (int v = item; v < WY * BT; v += WG) {
            const int m = p.mTile * BM + i / 4 * (BM / 2) + v / BT * 4 + i % 4;
            const int j = first_column(g, four0 + v % BT, &p.b);
            float line[N];
            UNROLL for (int q = 0; q < N; q++) {
                line[q] = pool[q * (WY * BT) + v];
            }
            float out[4];
            UNROLL for (int t = 0; t < 4; t++) {
                out[t] = 0;
                UNROLL for (int q = 0; q < N; q++) {
                    out[t] = fma(back_from[t][q], line[q], out[t]);
                }
            }
            if (p.b < g.batch) {
#if VECTOR_STORES && D == 1
                store4(g, p, f, (float4)(out[0], out[1], out[2], out[3]), m, j, y, bias, first, second);
#else
                UNROLL for (int t = 0; t < 4; t++) {
                    store1(g, p, f, out[t], m, j + t * D, y, bias, first, second);
                }
#endif
            }
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }
}
