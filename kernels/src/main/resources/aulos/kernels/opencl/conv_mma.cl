// SPDX-License-Identifier: Apache-2.0
//
// A convolution or its transpose in TF32 or BF16 on tensor cores. Values are rounded once, when the tile of the input is
// stored; of BF16 two neighbouring rows share a word, so that a register of a fragment is one load, whatever the shift:
//
//   tile in local memory (BF16)          fragment B of mma.sync, 16 rows x 8 columns
//     words of rows 0, 1:  | t | t+1 ...   lane l: words [l % 4][l / 4] and [l % 4 + 4][l / 4], shifted by the tap
//     words of rows 2, 3:  | t | t+1 ...   LDX = 8 or 24 modulo 32: the 32 lanes meet 32 banks
//
// Weights come in the order of the fragments (conv_order.cl), 16 bytes for each lane, one step ahead.
//
//   warp:   MT x NT results of 16 x 8      group: WM x WN warps, and SL times as many, of which each slice sums other
//   stage:  SC rows, in two buffers               rows of a stage

#ifndef WM
#define WM 2
#endif
#ifndef WN
#define WN 2
#endif
#ifndef MT
#define MT 2
#endif
#ifndef NT
#define NT 4
#endif
#ifndef SL
#define SL 1
#endif
// Rows of a stage, a multiple of SL * MK.
#ifndef SC
#define SC 16
#endif

#define TG (32 * WM * WN)
#define WG (TG * SL)
#define BM (WM * MT * 16)
#define BN (WN * NT * 8)
#include "mma.clh"
#include "conv_tile.clh"
#define PAD8(w) ((40 - (w) % 32) % 32)
#define PAD24(w) ((56 - (w) % 32) % 32)
#define LDX (WIDTH + (PAD8(WIDTH) < PAD24(WIDTH) ? PAD8(WIDTH) : PAD24(WIDTH)))
#define TILE (SC / PER_WORD * LDX)
#define SUMS (SL / 2 * BM * BN)
#define POOL (2 * TILE > SUMS ? 2 * TILE : SUMS)
// Fragments along the rows of a stage, and of a slice.
#define CHUNKS (SC / MK)
#define OWN (CHUNKS / SL)
#define X_PIECES (SC / PER_WORD * PIECES)
#define X_EACH ((X_PIECES + WG - 1) / WG)

// What a work-item brings of a stage.
typedef struct {
    PIECE low[X_EACH];
#if PER_WORD == 2
    PIECE high[X_EACH];
#endif
} Bring;

static void bring(Bring *n, global const float *x, Geometry g, Place p, int row0, int item COLUMNS_ARGUMENT) {
    UNROLL for (int i = 0; i < X_EACH; i++) {
        int v = i * WG + item;
        if (X_PIECES % WG == 0 || v < X_PIECES) {
            int row = row0 + v / PIECES * PER_WORD;
#if VECTORS
            n->low[i] = load(x, g, p, row, v % PIECES);
#if PER_WORD == 2
            n->high[i] = load(x, g, p, row + 1, v % PIECES);
#endif
#else
            n->low[i] = load(x, g, p, row, v % PIECES, columns);
#if PER_WORD == 2
            n->high[i] = load(x, g, p, row + 1, v % PIECES, columns);
#endif
#endif
        }
    }
}

static void put(const Bring *n, local uint *tile, float slope, int item) {
    UNROLL for (int i = 0; i < X_EACH; i++) {
        int v = i * WG + item;
        if (X_PIECES % WG == 0 || v < X_PIECES) {
            PIECE l = LEAKY(n->low[i], slope);
#if PER_WORD == 2
            PIECE h = LEAKY(n->high[i], slope);
#else
            PIECE h = l;
#endif
            local uint *to = tile + v / PIECES * LDX + v % PIECES * PIECE_LENGTH;
#if VECTORS
            *(local uint4 *)to = (uint4)(rounded(l.x, h.x), rounded(l.y, h.y), rounded(l.z, h.z), rounded(l.w, h.w));
#else
            *to = rounded(l, h);
#endif
        }
    }
}

kernel __attribute__((reqd_work_group_size(WG, 1, 1)))
void conv_mma(Geometry g, Fusion f, global const float *restrict x, global const uint4 *restrict packed,
        global float *restrict y, global const float *restrict bias, global const float *restrict first,
        global const float *restrict second) {
    local uint pool[POOL] __attribute__((aligned(128)));
    COLUMNS
    EXCHANGE
    const int item = get_local_id(0), lane = item % 32, warp = item / 32;
    const int slice = warp / (WM * WN), wm = warp / WN % WM, wn = warp % WN;
    const Place p = find_place(g);
#if !VECTORS
    find_columns(g, p, &columns, item);
    barrier(CLK_LOCAL_MEM_FENCE);
#endif
    // This lane's weights: fragments of 32 vectors, steps of them for each 16 channels.
    const int steps = g.stages * CHUNKS * K;
    global const uint4 *w = packed + lane
            + ((p.phase * g.groups + p.group) * get_num_groups(1) + p.mTile) * (BM / 16) * steps * 32
            + wm * MT * steps * 32;
    int column[NT];
    UNROLL for (int j = 0; j < NT; j++) {
        column[j] = local_column(g, p, (wn * NT + j) * 8 + lane / 4) + lane % 4 * LDX;
    }
    float sum[MT][NT][4];
    UNROLL for (int i = 0; i < MT * NT * 4; i++) {
        sum[i / (NT * 4)][i / 4 % NT][i % 4] = 0;
    }
    Bring n;
    bring(&n, x, g, p, 0, item WITH_COLUMNS);
    put(&n, pool, f.slope, item);
    uint4 next[MT];
    UNROLL for (int i = 0; i < MT; i++) {
        next[i] = w[(i * steps + slice * OWN * K) * 32];
    }
    barrier(CLK_LOCAL_MEM_FENCE);
#pragma unroll 1
    for (int stage = 0; stage < g.stages; stage++) {
        if (stage + 1 < g.stages) {
            bring(&n, x, g, p, (stage + 1) * SC, item WITH_COLUMNS);
        }
        local const uint *tile = pool + (stage & 1) * TILE + slice * OWN * (MK / PER_WORD) * LDX;
        const int step0 = (stage * CHUNKS + slice * OWN) * K;
        UNROLL for (int s = 0; s < OWN * K; s++) {
            uint4 a[MT];
            // The next step's weights; the last step of a slice fetches those of its next stage.
            const int following = min(s + 1 < OWN * K ? step0 + s + 1 : step0 + CHUNKS * K, steps - 1);
            UNROLL for (int i = 0; i < MT; i++) {
                a[i] = next[i];
                next[i] = w[(i * steps + following) * 32];
            }
            local const uint *from = tile + s / K * (MK / PER_WORD) * LDX + s % K * D;
            UNROLL for (int j = 0; j < NT; j++) {
                uint b0 = from[column[j]], b1 = from[column[j] + 4 * LDX];
                UNROLL for (int i = 0; i < MT; i++) {
                    mma(sum[i][j], a[i], b0, b1 WITH_EXCHANGE);
                }
            }
        }
        if (stage + 1 < g.stages) {
            put(&n, pool + ((stage + 1) & 1) * TILE, f.slope, item);
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }
#if SL > 1
    // The slices' sums, halved in number at each step, always in the same order.
#pragma unroll 1
    for (int h = SL / 2; h >= 1; h /= 2) {
        local float *mine = (local float *)pool + (slice >= h ? slice - h : slice) * (BM * BN) + item % TG;
        if (slice >= h && slice < 2 * h) {
            UNROLL for (int i = 0; i < MT * NT * 4; i++) {
                mine[i * TG] = sum[i / (NT * 4)][i / 4 % NT][i % 4];
            }
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        if (slice < h) {
            UNROLL for (int i = 0; i < MT * NT * 4; i++) {
                sum[i / (NT * 4)][i / 4 % NT][i % 4] += mine[i * TG];
            }
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    if (slice > 0) {
        return;
    }
#endif
    UNROLL for (int i = 0; i < MT; i++) {
        const int m = p.mTile * BM + (wm * MT + i) * 16 + lane / 4 * 2;
        UNROLL for (int j = 0; j < NT; j++) {
            const int c = (wn * NT + j) * 8 + lane % 4 * 2;
#if VECTOR_STORES
            store2(g, p, f, (float2)(sum[i][j][0], sum[i][j][1]), m, c, y, bias, first, second);
            store2(g, p, f, (float2)(sum[i][j][2], sum[i][j][3]), m + 1, c, y, bias, first, second);
#else
            UNROLL for (int q = 0; q < 4; q++) {
                store1(g, p, f, sum[i][j][q], m + q / 2, c + q % 2, y, bias, first, second);
            }
#endif
        }
    }
}
