// SPDX-License-Identifier: Apache-2.0
//
// The gradient of a convolution in its weight, in float32:
//
//   w[o, c, k] = sum over samples n = (b, j) of g[b, o, j] * x[b, c, j * stride + k * dilation - padding]
//
// A work-group takes TT samples at a time. It brings BM channels of g, turned around, and CN channels of x to local memory;
// x once for all taps. A work-item sums TM channels of g times NC channels of x with KP taps each:
//
//   g:  sample q | o o o o ... BM     x:  channel c | segment | margin | next segment ...
//
//   sum[i][(c, k)] += g[q][ty * TM + i] * x[c][place[q] + k * dilation]
//
// Segments lie behind one another with margins as in conv_tile.clh, so that short ones fill a step of TT samples, and
// place[q] tells where a sample's first tap reads. The rows of x are an odd number of words apart: the work-items of a warp
// have different channels and meet different banks.

// Work-items along (channels of x, parts of their taps), and along channels of g.
#ifndef WX
#define WX 16
#endif
#ifndef WY
#define WY 8
#endif
#ifndef TM
#define TM 8
#endif
// Channels of x of a work-item.
#ifndef NC
#define NC 1
#endif
// The taps, those of a work-item, and how far they are apart.
#ifndef K
#define K 3
#endif
#ifndef KP
#define KP K
#endif
#ifndef DILATION
#define DILATION 1
#endif
#ifndef STRIDE
#define STRIDE 1
#endif
// Samples at a time, and how many segments they can touch.
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

#define WG (WX * WY)
#define PARTS ((K + KP - 1) / KP)
#define CN (WX / PARTS * NC)
#define BM (WY * TM)
#define LDG (BM + 4)
#define REACH ((K - 1) * DILATION)
#define MARGIN (REACH + 1 > STRIDE ? REACH + 1 - STRIDE : 0)
#define WIDTH ((TT - 1) * STRIDE + 1 + REACH + (SEGMENTS - 1) * MARGIN)
#define LDX (WIDTH / 2 * 2 + 1)

typedef struct {
    int batch, groups;
    int inRows, inLength;
    int outRows, outLength;
    int padding;
    int samples, samplesPerSplit; // of all segments; of one part of the sums, a multiple of TT
} Sizes;

static float leaky(float v, float slope) {
    return v > 0 ? v : slope * v;
}

kernel __attribute__((reqd_work_group_size(WG, 1, 1)))
void conv_gradient(Sizes z, float inputSlope, float gradientSlope, global const float *restrict x,
        global const float *restrict g, global float *restrict w) {
    local float gs[TT * LDG] __attribute__((aligned(16)));
    local float xs[CN * LDX];
    local int sample[TT], place[TT], source[WIDTH];
    const int item = get_local_id(0), tx = item % WX, ty = item / WX;
    const int channel = tx / PARTS * NC, firstTap = tx % PARTS * KP;
    const int o0 = get_group_id(0) * BM, c0 = get_group_id(1) * CN;
    const int group = get_group_id(2) % z.groups, split = get_group_id(2) / z.groups;
    const int columns = z.outLength, pitch = (columns - 1) * STRIDE + 1 + REACH;
    const int to = min(z.samples, (split + 1) * z.samplesPerSplit);

    float sum[TM][NC * KP];
    UNROLL for (int i = 0; i < TM; i++) {
        UNROLL for (int j = 0; j < NC * KP; j++) {
            sum[i][j] = 0;
        }
    }
#pragma unroll 1
    for (int n0 = split * z.samplesPerSplit; n0 < to; n0 += TT) {
        const int b0 = n0 / columns, start = b0 * pitch + n0 % columns * STRIDE;
        // Where the samples of g and x are, and where a sample reads; divisions, so once for all channels.
        for (int q = item; q < TT; q += WG) {
            int n = n0 + q, b = n / columns, j = n % columns;
            sample[q] = n < to ? b * z.groups * z.outRows * columns + j : -1;
            place[q] = min(b * pitch + j * STRIDE - start, WIDTH - 1 - REACH);
        }
        for (int u = item; u < WIDTH; u += WG) {
            int b = (start + u) / pitch, position = (start + u) % pitch - z.padding;
            bool there = b < z.batch && (uint)position < (uint)z.inLength;
            source[u] = there ? b * z.groups * z.inRows * z.inLength + position : -1;
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        for (int v = item; v < TT * BM; v += WG) {
            int q = v % TT, o = o0 + v / TT;
            bool there = sample[q] >= 0 && o < z.outRows;
            gs[q * LDG + v / TT] = there
                    ? leaky(g[sample[q] + (group * z.outRows + o) * columns], gradientSlope) : 0;
        }
        for (int v = item; v < CN * WIDTH; v += WG) {
            int u = v % WIDTH, c = c0 + v / WIDTH;
            bool there = source[u] >= 0 && c < z.inRows;
            xs[v / WIDTH * LDX + u] = there
                    ? leaky(x[source[u] + (group * z.inRows + c) * z.inLength], inputSlope) : 0;
        }
        barrier(CLK_LOCAL_MEM_FENCE);
#pragma unroll 1
        for (int q = 0; q < TT; q++) {
            float a[TM], b[NC * KP];
            UNROLL for (int i = 0; i < TM; i += 4) {
                float4 v = *(local const float4 *)(gs + q * LDG + ty * TM + i);
                a[i] = v.x;
                a[i + 1] = v.y;
                a[i + 2] = v.z;
                a[i + 3] = v.w;
            }
            local const float *from = xs + channel * LDX + place[q] + firstTap * DILATION;
            UNROLL for (int c = 0; c < NC; c++) {
                UNROLL for (int k = 0; k < KP; k++) {
                    // A last part that has fewer taps reads one of its own again, and drops it below.
                    b[c * KP + k] = from[c * LDX + (K % KP == 0 || firstTap + k < K ? k * DILATION : 0)];
                }
            }
            UNROLL for (int i = 0; i < TM; i++) {
                UNROLL for (int j = 0; j < NC * KP; j++) {
                    sum[i][j] = fma(a[i], b[j], sum[i][j]);
                }
            }
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    UNROLL for (int i = 0; i < TM; i++) {
        const int o = o0 + ty * TM + i;
        UNROLL for (int j = 0; j < NC * KP; j++) {
            const int c = c0 + channel + j / KP, k = firstTap + j % KP;
            if (o < z.outRows && c < z.inRows && k < K) {
                w[((split * z.groups + group) * z.outRows + o) * z.inRows * K + c * K + k] = sum[i][j];
            }
        }
    }
}
