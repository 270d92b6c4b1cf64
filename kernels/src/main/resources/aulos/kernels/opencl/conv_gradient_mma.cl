// SPDX-License-Identifier: Apache-2.0
//
// The gradient of a convolution in its weight, in TF32 or BF16 on tensor cores:
//
//   w[o, c, k] = sum over samples n = (b, j) of g[b, o, j] * x[b, c, j * stride + k * dilation - padding]
//
// For each tap this is a product of matrices, 16 channels of g by 8 channels of x, summed over MK samples by one
// instruction. A work-group takes TT samples at a time and brings BM channels of g and CN channels of x to local memory,
// rounded once, x once for all taps:
//
//   g:  channel o | s s s s s s s s | 8 more ...         x:  channel c | segment | margin | next segment ...
//   A:  lane l has o = l / 4, sample l % 4               B:  lane l has c = l / 4, sample l % 4, shifted by k * dilation
//
// Samples go in eights of one segment; those that fill an eight up have a g of zero. place[e] tells where the first sample
// of an eight reads. In BF16 a word holds the samples s and s + 4 of an eight, for x at every place:
//
//   place:  | x[p] and x[p + 4 * stride] | x[p + 1] and x[p + 1 + 4 * stride] | ...
//
// so a register of a fragment is one load, whatever the shift. g and x have their samples in the same order, which is all
// that a sum asks for. Rows of g are 4 words modulo 8 apart, those of x 4 * stride modulo 32 (one more if the stride is
// even): the lanes meet different banks, or at even strides two of them one bank.

// Warps along channels of g; along (channels of x, parts of their taps).
#ifndef WM
#define WM 2
#endif
#ifndef WN
#define WN 2
#endif
// Results of 16 channels of g of a warp; eights of channels of x of a warp.
#ifndef MT
#define MT 2
#endif
#ifndef NC
#define NC 1
#endif
// The taps, those of a warp, and in how many parts warps share them; the last parts may have fewer or none.
#ifndef K
#define K 3
#endif
#ifndef KP
#define KP K
#endif
#ifndef PARTS
#define PARTS ((K + KP - 1) / KP)
#endif
#if WN % PARTS != 0
#error warps of a row do not divide among the parts of the taps
#endif
#ifndef DILATION
#define DILATION 1
#endif
#ifndef STRIDE
#define STRIDE 1
#endif
// Samples at a time, a multiple of MK, and how many segments they can touch.
#ifndef TT
#define TT 32
#endif
#ifndef SEGMENTS
#define SEGMENTS 2
#endif
// As in conv_tile.clh.
#ifdef UNROLLED
#define UNROLL _Pragma("unroll")
#else
#define UNROLL _Pragma("unroll 1")
#endif

#define WG (32 * WM * WN)
#include "mma.clh"
#define CN (WN / PARTS * NC * 8)
#define BM (WM * MT * 16)
#define EIGHTS (TT / 8)
// Words of an eight of g.
#define EIGHT (8 / PER_WORD)
#define LDG ((TT / PER_WORD + 3) / 8 * 8 + 4)
#define REACH ((K - 1) * DILATION)
#define MARGIN (REACH + 1 > STRIDE ? REACH + 1 - STRIDE : 0)
#define WIDTH ((TT - 1) * STRIDE + 1 + REACH + (SEGMENTS - 1) * MARGIN)
#define BANK ((4 * STRIDE + (STRIDE % 2 == 0)) % 32)
#define LDX (WIDTH + (32 + BANK - WIDTH % 32) % 32)

typedef struct {
    int batch, groups;
    int inRows, inLength;
    int outRows, outLength;
    int padding;
    int samples, samplesPerSplit; // of all segments, in whole eights; of one part of the sums, a multiple of TT
} Sizes;

static float leaky(float v, float slope) {
    return v > 0 ? v : slope * v;
}

kernel __attribute__((reqd_work_group_size(WG, 1, 1)))
void conv_gradient_mma(Sizes z, float inputSlope, float gradientSlope, global const float *restrict x,
        global const float *restrict g, global float *restrict w) {
    local uint gs[BM * LDG];
    local uint xs[CN * LDX];
    local int sample[TT], place[EIGHTS], source[WIDTH];
    EXCHANGE
    const int item = get_local_id(0), lane = item % 32, warp = item / 32;
    const int wm = warp / WN, wn = warp % WN;
    const int channel = wn / PARTS * NC * 8, firstTap = wn % PARTS * KP;
    const int o0 = get_group_id(0) * BM, c0 = get_group_id(1) * CN;
    const int group = get_group_id(2) % z.groups, split = get_group_id(2) / z.groups;
    const int columns = (z.outLength + 7) / 8 * 8, pitch = (columns - 1) * STRIDE + 1 + REACH;
    const int to = min(z.samples, (split + 1) * z.samplesPerSplit);

    float sum[MT][NC * KP][4];
    UNROLL for (int i = 0; i < MT * NC * KP * 4; i++) {
        sum[i / (NC * KP * 4)][i / 4 % (NC * KP)][i % 4] = 0;
    }
#pragma unroll 1
    for (int n0 = split * z.samplesPerSplit; n0 < to; n0 += TT) {
        const int start = n0 / columns * pitch + n0 % columns * STRIDE;
        // Where the samples of g and x are, and where an eight reads; divisions, so once for all channels.
        for (int q = item; q < TT; q += WG) {
            int n = n0 + q, b = n / columns, j = n % columns;
            sample[q] = n < to && j < z.outLength ? b * z.groups * z.outRows * z.outLength + j : -1;
            if (q % 8 == 0) {
                place[q / 8] = min(b * pitch + j * STRIDE - start, WIDTH - 1 - REACH - 7 * STRIDE);
            }
        }
        for (int u = item; u < WIDTH; u += WG) {
            int b = (start + u) / pitch, position = (start + u) % pitch - z.padding;
            bool there = b < z.batch && (uint)position < (uint)z.inLength;
            source[u] = there ? b * z.groups * z.inRows * z.inLength + position : -1;
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int v = item; v < BM * (TT / PER_WORD); v += WG) {
            const int u = v % (TT / PER_WORD), o = o0 + v / (TT / PER_WORD);
            const int from = u / EIGHT * 8 + u % EIGHT;
            global const float *row = g + (group * z.outRows + o) * z.outLength;
            float low = o < z.outRows && sample[from] >= 0 ? leaky(row[sample[from]], gradientSlope) : 0;
#if PER_WORD == 2
            float high = o < z.outRows && sample[from + 4] >= 0 ? leaky(row[sample[from + 4]], gradientSlope) : 0;
#else
            float high = low;
#endif
            gs[v / (TT / PER_WORD) * LDG + u] = rounded(low, high);
        }
        for (int v = item; v < CN * WIDTH; v += WG) {
            const int u = v % WIDTH, c = c0 + v / WIDTH;
            global const float *row = x + (group * z.inRows + c) * z.inLength;
            float low = c < z.inRows && source[u] >= 0 ? leaky(row[source[u]], inputSlope) : 0;
#if PER_WORD == 2
            const int other = min(u + 4 * STRIDE, WIDTH - 1);
            float high = c < z.inRows && source[other] >= 0 ? leaky(row[source[other]], inputSlope) : 0;
#else
            float high = low;
#endif
            xs[v / WIDTH * LDX + u] = rounded(low, high);
        }
        barrier(CLK_LOCAL_MEM_FENCE);
#pragma unroll 1
        for (int q = 0; q < TT / MK; q++) {
            uint4 a[MT];
            UNROLL for (int i = 0; i < MT; i++) {
                local const uint *from = gs + ((wm * MT + i) * 16 + lane / 4) * LDG + q * 8 + lane % 4;
                a[i] = (uint4)(from[0], from[8 * LDG], from[4], from[8 * LDG + 4]);
            }
            local const uint *row = xs + (channel + lane / 4) * LDX + lane % 4 * STRIDE;
#if PER_WORD == 2
            local const uint *from0 = row + place[q * 2], *from1 = row + place[q * 2 + 1];
#else
            local const uint *from0 = row + place[q], *from1 = from0 + 4 * STRIDE;
#endif
            UNROLL for (int j = 0; j < NC * KP; j++) {
                // A part that has fewer taps reads the first one instead, and drops it below.
                const int k = firstTap + j % KP;
                const int at = j / KP * 8 * LDX + (PARTS * KP == K || k < K ? k * DILATION : 0);
                const uint b0 = from0[at], b1 = from1[at];
                UNROLL for (int i = 0; i < MT; i++) {
                    mma(sum[i][j], a[i], b0, b1 WITH_EXCHANGE);
                }
            }
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    // Of a result a lane has rows l / 4 and l / 4 + 8, columns l % 4 * 2 and the next.
    UNROLL for (int i = 0; i < MT * NC * KP * 4; i++) {
        const int r = i % 4, j = i / 4 % (NC * KP);
        const int o = o0 + (wm * MT + i / (NC * KP * 4)) * 16 + lane / 4 + r / 2 * 8;
        const int c = c0 + channel + j / KP * 8 + lane % 4 * 2 + r % 2, k = firstTap + j % KP;
        if (o < z.outRows && c < z.inRows && k < K) {
            w[((split * z.groups + group) * z.outRows + o) * z.inRows * K + c * K + k] = sum[i / (NC * KP * 4)][j][r];
        }
    }
}
