// SPDX-License-Identifier: Apache-2.0
//
// A convolution or its transpose in TF32 or BF16 with Hopper's wgmma, for wide layers. The instruction reads the tile of the
// input where it lies in local memory, in words of 16 bytes, which hold neighbouring rows of one column:
//
//   rows 0 .. 7 (BF16; of TF32 0 .. 3):  | column 0 | column 1 | ...      LDT words; a tap is a shift of the first one
//   the next as many rows:               | column 0 | column 1 | ...
//
// Weights are in registers, in the order of the fragments (conv_order.cl), 16 bytes for each lane, BATCH of them on their way
// while as many are multiplied.
//
//   group:  W times four warps, each with 16 channels of the output and all BN columns      stage:  SC rows, in two buffers

// Fours of warps.
#ifndef W
#define W 1
#endif
// Columns: 64, 128 or 256.
#ifndef BN
#define BN 128
#endif
// Rows of a stage, a multiple of MK.
#ifndef SC
#define SC 16
#endif

#define WG (128 * W)
#define BM (64 * W)
#include "mma.clh"
#include "conv_tile.clh"
#define LDT WIDTH
#include "wgmma.clh"
#define ROWS_OF_WORD (4 * PER_WORD)
#define WORDS (SC / ROWS_OF_WORD * LDT)
#define X_EACH ((WORDS + WG - 1) / WG)
// Steps of a stage, and how many at a time.
#define STEPS (SC / MK * K)
#define BATCH 4
#define BATCHES ((STEPS + BATCH - 1) / BATCH)

typedef struct {
    float of[X_EACH][ROWS_OF_WORD];
} Bring;

static __attribute__((always_inline)) void bring(Bring *n, global const float *x, Geometry g, Place p, int row0, int item COLUMNS_ARGUMENT) {
    UNROLL for (int i = 0; i < X_EACH; i++) {
        const int v = i * WG + item;
        if (WORDS % WG == 0 || v < WORDS) {
            UNROLL for (int r = 0; r < ROWS_OF_WORD; r++) {
                n->of[i][r] = load(x, g, p, row0 + v / LDT * ROWS_OF_WORD + r, v % LDT, columns);
            }
        }
    }
}

static __attribute__((always_inline)) void put(const Bring *n, local uint4 *tile, float slope, int item) {
    UNROLL for (int i = 0; i < X_EACH; i++) {
        const int v = i * WG + item;
        if (WORDS % WG == 0 || v < WORDS) {
            uint word[4];
            UNROLL for (int r = 0; r < 4; r++) {
                float low = leaky(n->of[i][r * PER_WORD], slope);
                word[r] = rounded(low, leaky(n->of[i][r * PER_WORD + PER_WORD - 1], slope));
            }
            tile[v] = (uint4)(word[0], word[1], word[2], word[3]);
        }
    }
    // The tensor cores read by another way than that.
    ORDER("fence.proxy.async.shared::cta;")
}

kernel __attribute__((reqd_work_group_size(WG, 1, 1)))
void conv_wgmma(Geometry g, Fusion f, global const float *restrict x, global const uint4 *restrict packed,
        global float *restrict y, global const float *restrict bias, global const float *restrict first,
        global const float *restrict second) {
    local uint4 pool[2][WORDS] __attribute__((aligned(128)));
    COLUMNS
    EXCHANGE
    const int item = get_local_id(0), lane = item % 32, warp = item / 32;
    const Place p = find_place(g);
    find_columns(g, p, &columns, item);
    barrier(CLK_LOCAL_MEM_FENCE);
    // This lane's weights: fragments of 32 vectors, steps of them for each 16 channels.
    const int steps = g.stages * STEPS;
    global const uint4 *w = packed + lane
            + (((p.phase * g.groups + p.group) * get_num_groups(1) + p.mTile) * (BM / 16) + warp) * steps * 32;
    float sum[BN / 2];
    UNROLL for (int i = 0; i < BN / 2; i++) {
        sum[i] = 0;
    }
    Bring n;
    bring(&n, x, g, p, 0, item WITH_COLUMNS);
    put(&n, pool[0], f.slope, item);
    uint4 a[2][BATCH];
    UNROLL for (int i = 0; i < BATCH && i < STEPS; i++) {
        a[0][i] = w[i * 32];
    }
    barrier(CLK_LOCAL_MEM_FENCE);
#pragma unroll 1
    for (int stage = 0; stage < g.stages; stage++) {
        if (stage + 1 < g.stages) {
            bring(&n, x, g, p, (stage + 1) * SC, item WITH_COLUMNS);
        }
        const Tile tile = tile_of(pool[stage & 1]);
        UNROLL for (int q = 0; q < BATCHES; q++) {
            ORDER("wgmma.fence.sync.aligned;")
            UNROLL for (int i = 0; i < BATCH; i++) {
                const int s = q * BATCH + i;
                if (s < STEPS) {
                    wgmma(sum, a[q & 1][i], tile + (s / K * 2 * LDT + s % K * D) WITH_EXCHANGE);
                }
            }
            ORDER("wgmma.commit_group.sync.aligned;")
            if (q + 1 < BATCHES) {
                // The batch before this one is done, so its registers are free for the next.
                if (q > 0) {
                    ORDER("wgmma.wait_group.sync.aligned 1;")
                }
                UNROLL for (int i = 0; i < BATCH; i++) {
                    if ((q + 1) * BATCH + i < STEPS) {
                        a[(q + 1) & 1][i] = w[(stage * STEPS + (q + 1) * BATCH + i) * 32];
                    }
                }
            }
        }
        if (stage + 1 < g.stages) {
            put(&n, pool[(stage + 1) & 1], f.slope, item);
        }
        // All of this stage is multiplied, so its registers and its buffer are free.
        ORDER("wgmma.wait_group.sync.aligned 0;")
        if (stage + 1 < g.stages) {
            UNROLL for (int i = 0; i < BATCH && i < STEPS; i++) {
                a[0][i] = w[((stage + 1) * STEPS + i) * 32];
            }
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    const int m = p.mTile * BM + warp * 16 + lane / 4 * 2;
    UNROLL for (int j = 0; j < BN / 8; j++) {
        const int c = j * 8 + lane % 4 * 2;
#if VECTOR_STORES
        store2(g, p, f, (float2)(sum[j * 4], sum[j * 4 + 1]), m, c, y, bias, first, second);
        store2(g, p, f, (float2)(sum[j * 4 + 2], sum[j * 4 + 3]), m + 1, c, y, bias, first, second);
#else
        UNROLL for (int q = 0; q < 4; q++) {
            store1(g, p, f, sum[j * 4 + q], m + q / 2, c + q % 2, y, bias, first, second);
        }
#endif
    }
}
