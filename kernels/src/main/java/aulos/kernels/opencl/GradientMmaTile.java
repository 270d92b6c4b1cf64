// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import static aulos.kernels.opencl.ConvTile.require;

import aulos.engine.Precision;

/**
 * The tunables of {@code conv_gradient_mma.cl}.
 *
 * @param wm warps along the gradient's channels
 * @param wn warps along the input's channels and parts of their taps
 * @param mt results of 16 channels of the gradient of a warp
 * @param columns eights of the input's channels times taps of a warp, at most
 * @param tt samples at a time
 * @param registers that the compiler may use for a work-item; 0: its own choice
 */
record GradientMmaTile(int wm, int wn, int mt, int columns, int tt, int registers) implements ConvTile {
    /** Samples of a segment that one instruction, or one place, is for. */
    private static final int EIGHT = 8;

    private static final int BANKS = 32;

    GradientMmaTile {
        require(wm >= 1 && wn >= 1 && (long) wm * wn <= 32, "has " + wm + " x " + wn + " warps, expected 1 to 32");
        require(mt >= 1 && mt <= 8 && columns >= 1 && (long) mt * columns <= 64,
                "has " + mt + " x " + columns + " results for a warp");
        require(tt == 16 || tt == 32 || tt == 64, "has " + tt + " samples at a time, expected 16, 32 or 64");
        require(registers == 0 || registers >= 32 && registers <= 255, "has " + registers + " registers");
    }

    @Override
    public int bm() {
        return wm * mt * 16;
    }

    /** With all warps' columns. */
    @Override
    public int bn() {
        return wn * columns * EIGHT;
    }

    @Override
    public int groupSize() {
        return WARP * wm * wn;
    }

    @Override
    public boolean takes(Precision precision) {
        return precision != Precision.FLOAT32;
    }

    @Override
    public boolean isFor(ConvProblem problem) {
        return problem.weight() && shape(problem).parts() <= wn && wn % shape(problem).parts() == 0;
    }

    private GradientShape shape(ConvProblem problem) {
        return GradientShape.of(problem, columns, tt, EIGHT);
    }

    /** Channels of the input of a group. */
    int groupChannels(ConvProblem problem) {
        return wn / shape(problem).parts() * shape(problem).channels() * EIGHT;
    }

    /** Results of 16 x 8 of a warp. */
    int results(ConvProblem problem) {
        return mt * shape(problem).channels() * shape(problem).taps();
    }

    /** Samples of all segments, each filled up to whole eights. */
    static int samples(ConvProblem problem) {
        return Math.multiplyExact(problem.geometry().batch(), GradientShape.filled(problem.geometry(), EIGHT));
    }

    @Override
    public long localBytes(ConvProblem problem) {
        int perWord = problem.precision() == Precision.BF16 ? 2 : 1;
        long stride = problem.geometry().inStride();
        long width = shape(problem).width();
        long bank = (4 * stride + (stride % 2 == 0 ? 1 : 0)) % BANKS;
        long ofGradient = (tt / perWord + 3) / 8 * 8 + 4;
        long ofInput = width + (BANKS + bank - width % BANKS) % BANKS;
        return Float.BYTES * (bm() * ofGradient + groupChannels(problem) * ofInput + tt + tt / EIGHT + width);
    }

    /** @param emulated whether plain code does what tensor cores would */
    String options(ConvProblem problem, boolean emulated) {
        return "-DWM=" + wm + " -DWN=" + wn + " -DMT=" + mt + " -DPRECISION=" + problem.precision().ordinal()
                + shape(problem).options(problem.geometry(), tt, emulated)
                + (emulated ? "" : " -DPTX=1" + (registers == 0 ? "" : " -cl-nv-maxrregcount=" + registers));
    }

    /** Work-groups along the gradient's channels, the input's, and groups and parts of the sums. */
    long[] groups(ConvProblem problem, int parts) {
        ConvGeometry g = problem.geometry();
        return new long[] {Math.ceilDiv(g.outRows(), bm()), Math.ceilDiv(g.inRows(), groupChannels(problem)),
            (long) g.groups() * parts};
    }

    @Override
    public String toString() {
        return "gradient-mma " + wm + " " + wn + " " + mt + " " + columns + " " + tt + " " + registers;
    }
}
