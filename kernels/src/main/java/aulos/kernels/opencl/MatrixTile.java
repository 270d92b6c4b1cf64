// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import static aulos.kernels.opencl.ConvTile.require;

import aulos.engine.Precision;
import java.util.Locale;

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
record MatrixTile(ConvKernel kernel, int wx, int wy, int tm, int nv, int vn, int bk, int lanes, int lb, int lr,
        boolean doubleBuffer, boolean localA, boolean chunked) implements ConvTile {

    private static final int MAX = 1024;

    /** Height of what a tensor core computes at once. */
    private static final int FRAGMENT = 16;

    MatrixTile {
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

    /** For few channels: every work-item by itself. */
    static MatrixTile few(int wx, int tm, int nv, int vn) {
        return new MatrixTile(ConvKernel.FEW, wx, 1, tm, nv, vn, 1, wx, vn, 1, false, false, false);
    }

    /** From its numbers, the flags as 0 and 1. */
    static MatrixTile of(ConvKernel kernel, int... v) {
        return new MatrixTile(kernel, v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9] == 1, v[10] == 1,
                v[11] == 1);
    }

    @Override
    public String toString() {
        return kernel.name().toLowerCase(Locale.ROOT) + " " + wx + " " + wy + " " + tm + " " + nv + " " + vn + " " + bk + " "
                + lanes + " " + lb + " " + lr + " " + flag(doubleBuffer) + " " + flag(localA) + " " + flag(chunked);
    }

    @Override
    public boolean isFor(ConvProblem problem) {
        return problem.weight() == (kernel == ConvKernel.WEIGHT)
                && (kernel != ConvKernel.FEW || problem.m() <= 8 || problem.rows() <= 64);
    }

    @Override
    public int bm() {
        return wy * tm;
    }

    @Override
    public int bn() {
        return wx * nv * vn;
    }

    @Override
    public int groupSize() {
        return wx * wy;
    }

    /** It includes the padding that {@code conv.cl} puts between rows. */
    @Override
    public long localBytes(ConvProblem problem) {
        long rows = (doubleBuffer ? 2L : 1) * bk;
        int a = localA ? bm() + 4 : 0;
        int b = bn() + (vn > 1 ? vn : 0);
        return kernel == ConvKernel.FEW ? 0 : rows * (a + b) * Float.BYTES;
    }

    /** Tensor cores multiply whole fragments, by whole warps. */
    @Override
    public boolean takes(Precision precision) {
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
