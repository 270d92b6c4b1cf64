// SPDX-License-Identifier: Apache-2.0
//
// Packs weights in the order in which conv_direct.cl and conv_mma.cl read them, with zeros for rows, taps and channels
// that do not exist. Row r is residue r % residues of channel r / residues; tap t of it is, from the phase's first tap k0,
//
//   k = k0 + r % residues + t * step,   t counted backwards if the taps of a transposed convolution are.
//
//   conv_order             [phase, group][tile of m][row][tap][m]
//   conv_order_toom        [group][tile of m][row, group of R taps][point][m]: the weights at the points of toom.clh
//   conv_order_fragments   [phase, group][16 of m][MK rows][tap][lane][register]: what a lane of a warp gives to mma.sync
//
// mma.sync takes 16 x MK values of A: in register r lane l has (PTX ISA, "Matrix Fragments for mma.m16n8k8", "m16n8k16")
//
//            MK = 8, TF32                    MK = 16, two of BF16 in a register
//   row of A      l / 4 + 8 * (r & 1)             l / 4 + 8 * (r & 1)
//   column of A   l % 4 + 4 * (r >> 1)            2 * (l % 4) + 8 * (r >> 1), and the next
//
// Output channel m stands in row m / 2 + 8 * (m & 1) of A, so that a lane gets the sums of two neighbouring channels.

// 1: TF32, 2: BF16, as Precision has them.
#ifndef PRECISION
#define PRECISION 1
#endif
#define MK (PRECISION == 1 ? 8 : 16)
#include "toom.clh"

typedef struct {
    int phases, groups, residues, taps, step, backwards;
    int kernelSize, padding, dilation;
    int inRows, outRows;
    int groupStride, outStride, inStride; // of the weights, in values
    int rows, tiles, width;               // as packed: rows with padding, tiles of width channels
} Order;

static float weight(Order o, global const float *w, int part, int m, int row, int t) {
    const int group = part % o.groups, phase = part / o.groups;
    int k = 0;
    if (o.phases > 1) {
        while (k < o.step && (phase + o.padding - k * o.dilation) % o.phases != 0) {
            k++;
        }
        k = k == o.step ? o.kernelSize : k;
    }
    k += row % o.residues + (o.backwards ? o.taps - 1 - t : t) * o.step;
    bool there = m < o.outRows && row < o.inRows * o.residues && t < o.taps && k < o.kernelSize;
    return there ? w[group * o.groupStride + m * o.outStride + row / o.residues * o.inStride + k] : 0;
}

kernel void conv_order(Order o, int paddedTaps, int size, global const float *restrict w, global float *restrict packed) {
    const int i = get_global_id(0);
    if (i < size) {
        int m = i % o.width, t = i / o.width % paddedTaps, row = i / o.width / paddedTaps % o.rows;
        int tile = i / o.width / paddedTaps / o.rows;
        packed[i] = weight(o, w, tile / o.tiles, tile % o.tiles * o.width + m, row, t);
    }
}

// o.rows counts rows times groups of taps; those that fill them up have no weights.
kernel void conv_order_toom(Order o, int tapGroups, int size, global const float *restrict w, global float *restrict packed) {
    const int i = get_global_id(0);
    if (i < size) {
        int m = i % o.width, point = i / o.width % N, term = i / o.width / N % o.rows, tile = i / o.width / N / o.rows;
        float v = 0;
        for (int t = 0; t < R; t++) {
            v += taps_at[point][t] * weight(o, w, tile / o.tiles, tile % o.tiles * o.width + m, term / tapGroups,
                    term % tapGroups * R + t);
        }
        packed[i] = v;
    }
}

static uint tf32(float v) {
    return (as_uint(v) + 0x1000) & 0xffffe000;
}
static uint bf16(float v) {
    uint u = as_uint(v);
    return (u + 0x7fff + (u >> 16 & 1)) >> 16;
}

kernel void conv_order_fragments(Order o, int paddedTaps, int size, global const float *restrict w,
        global uint *restrict packed) {
    const int i = get_global_id(0);
    if (i < size) {
        int r = i % 4, lane = i / 4 % 32, t = i / 128 % paddedTaps, chunk = i / 128 / paddedTaps % (o.rows / MK);
        int tile = i / 128 / paddedTaps / (o.rows / MK);
        int m = tile % o.tiles * 16 + lane / 4 * 2 + (r & 1), part = tile / o.tiles;
#if PRECISION == 1
        packed[i] = tf32(weight(o, w, part, m, chunk * MK + lane % 4 + r / 2 * 4, t));
#else
        int row = chunk * MK + lane % 4 * 2 + r / 2 * 8;
        packed[i] = bf16(weight(o, w, part, m, row, t)) | bf16(weight(o, w, part, m, row + 1, t)) << 16;
#endif
    }
}
