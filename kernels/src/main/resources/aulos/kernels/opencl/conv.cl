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
// by itself. Every sum is taken in one fixed order. One compilation gives one of the kernels. This file has the tunables and
// what all kernels share; the host puts the other files in where they are included.

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

#include "finish.clh"
FINISH(SUMS, finish)
#if SV > 1
FINISH(float, finish1)
#else
#define finish1 finish
#endif

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

#include "conv_multiply.clh"

#if KERNEL == WEIGHT
#include "conv_weight.clh"
#else
#include "conv_taps.clh"
#endif
