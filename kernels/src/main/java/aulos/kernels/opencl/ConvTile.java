// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import aulos.engine.Precision;

/**
 * The tunables of {@code conv.cl}: how a work-group shares a tile of the matrix product.
 *
 * @param wx work-items along n
 * @param wy work-items along m
 * @param tm values of m per work-item
 * @param nv vectors of n per work-item
 * @param vn length of such a vector
 * @param bk rows at a time
 * @param lanes work-items side by side along n when the right operand is loaded
 * @param lb consecutive values that each of them takes
 * @param lr work-items side by side along the rows when a weight gradient loads its operands
 * @param doubleBuffer whether the next rows are fetched while the current ones are multiplied
 * @param localA whether the left operand goes through local memory
 * @param chunked whether each {@code bk} terms are summed by themselves first
 */
record ConvTile(ConvKernel kernel, int wx, int wy, int tm, int nv, int vn, int bk, int lanes, int lb, int lr,
        boolean doubleBuffer, boolean localA, boolean chunked) {

    private static final int MAX = 1024;

    /** Work-items that share the fragments of a tensor core, and the height of a fragment's result. */
    private static final int WARP = 32;

    private static final int FRAGMENT = 16;

    ConvTile {
        for (int value : new int[] {wx, wy, tm, nv, vn, bk, lanes, lb, lr}) {
            require(value >= 1 && value <= MAX, "has " + value + ", expected 1 to " + MAX);
        }
        int group = wx * wy;
        require(vn == 1 || vn == 2 || vn == 4 || vn == 8 || vn == 16, "has vectors of " + vn);
        require(lb == 1 || lb == 2 || lb == 4 || lb == 8 || lb == 16, "loads vectors of " + lb);
        int bm = wy * tm;
        int bn = wx * nv * vn;
        switch (kernel) {
            case TAPS -> {
                require(group % lanes == 0 && bk % (group / lanes) == 0, "does not divide its " + bk + " rows of loads");
                require(bn % (lanes * lb) == 0, "does not divide its " + bn + " columns of loads");
                require(!localA || bm % 4 == 0, "has a height of " + bm + ", expected a multiple of 4");
            }
            case WEIGHT -> {
                require(group % lr == 0 && bk % lr == 0, "does not divide its " + bk + " rows of loads");
                require(bm % (group / lr) == 0 && bn % (group / lr) == 0,
                        "does not divide " + bm + " and " + bn + " lines of loads");
                require(localA, "leaves an operand in global memory");
            }
            case FEW -> require(wy == 1, "has " + wy + " work-items along m, expected 1");
        }
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException("opencl: a tile of a convolution " + otherwise);
        }
    }

    /** For few channels: every work-item by itself. */
    static ConvTile few(int wx, int tm, int nv, int vn) {
        return new ConvTile(ConvKernel.FEW, wx, 1, tm, nv, vn, 1, wx, vn, 1, false, false, false);
    }

    /** Height of the tile: channels of the output. */
    int bm() {
        return wy * tm;
    }

    /** Width of the tile. */
    int bn() {
        return wx * nv * vn;
    }

    int groupSize() {
        return wx * wy;
    }

    /** Bytes of local memory; it includes the padding that {@code conv.cl} puts between rows. */
    long localBytes() {
        long rows = (doubleBuffer ? 2L : 1) * bk;
        int a = localA ? bm() + 4 : 0;
        int b = bn() + (vn > 1 ? vn : 0);
        return kernel == ConvKernel.FEW ? 0 : rows * (a + b) * Float.BYTES;
    }

    /** Whether a device can run it at all. */
    boolean fits(DeviceInfo device) {
        return groupSize() <= device.maxGroupSize() && localBytes() <= device.localMemory();
    }

    /** Whether it can compute in a precision: tensor cores multiply whole fragments, by whole warps. */
    boolean takes(Precision precision) {
        if (kernel == ConvKernel.FEW || precision == Precision.FLOAT32) {
            return true;
        }
        int fragmentRows = precision == Precision.TF32 ? 8 : 16;
        int warps = groupSize() / WARP;
        if (!localA || chunked || groupSize() % WARP != 0 || bk % fragmentRows != 0) {
            return false;
        }
        // As conv.cl shares the tile among the warps.
        int warpN = bm() * bn() / warps >= 1024 ? 64 : 32;
        if (bn() % warpN != 0 || warps % (bn() / warpN) != 0) {
            return false;
        }
        int alongM = warps / (bn() / warpN);
        return bm() % (alongM * FRAGMENT) == 0;
    }

    /** For the compiler. */
    String options() {
        return "-DKERNEL=" + kernel + " -DWX=" + wx + " -DWY=" + wy + " -DTM=" + tm + " -DNV=" + nv + " -DVN=" + vn
                + " -DBK=" + bk + " -DLANES=" + lanes + " -DLB=" + lb + " -DLR=" + lr + " -DDOUBLE_BUFFER="
                + flag(doubleBuffer) + " -DA_LOCAL=" + flag(localA) + " -DCHUNKED=" + flag(chunked);
    }

    private static int flag(boolean on) {
        return on ? 1 : 0;
    }
}
