// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import static aulos.kernels.opencl.ConvTile.require;

import aulos.engine.Precision;

/**
 * The tunables of {@code conv_mma.cl}.
 *
 * @param wm warps along the channels
 * @param wn warps along the columns
 * @param mt results of 16 channels of a warp
 * @param nt results of 8 columns of a warp
 * @param sl slices of a group, each of which sums other rows
 * @param registers that the compiler may use for a work-item; 0: its own choice
 */
record MmaTile(int wm, int wn, int mt, int nt, int sl, int registers) implements ConvTile {

    MmaTile {
        require(wm >= 1 && wn >= 1 && (long) wm * wn * sl <= 32, "has " + wm + " x " + wn + " warps, " + sl + " times");
        require(mt >= 1 && mt <= 8 && nt >= 1 && nt <= 16 && mt * nt <= 64,
                "has " + mt + " x " + nt + " results for a warp");
        require(sl == 1 || sl == 2 || sl == 4 || sl == 8, "has " + sl + " slices, expected 1, 2, 4 or 8");
        require(registers == 0 || registers >= 32 && registers <= 255, "has " + registers + " registers");
    }

    @Override
    public int bm() {
        return wm * mt * 16;
    }

    @Override
    public int bn() {
        return wn * nt * 8;
    }

    @Override
    public int groupSize() {
        return WARP * wm * wn * sl;
    }

    @Override
    public boolean takes(Precision precision) {
        return precision != Precision.FLOAT32;
    }

    @Override
    public boolean isFor(ConvProblem problem) {
        return !problem.weight();
    }

    SharedTile shared(ConvProblem problem) {
        return SharedTile.of(problem.geometry(), problem.form(), bn(), problem.form().taps());
    }

    /** Rows that one instruction multiplies. */
    static int fragmentRows(Precision precision) {
        return precision == Precision.TF32 ? 8 : 16;
    }

    /** Rows of a stage: twice as many where there are few taps, if their two buffers find room in 48 KiB. */
    int rowsOfStage(ConvProblem problem) {
        int least = fragmentRows(problem.precision()) * sl;
        int rows = problem.form().taps() <= 3 ? 2 * least : least;
        return bytes(problem, rows) > 48 << 10 || problem.geometry().inRows() * problem.form().residues() <= least
                ? least : rows;
    }

    private long bytes(ConvProblem problem, int rows) {
        SharedTile shared = shared(problem);
        long width = shared.width(bn());
        long padded = width + Math.min(Math.floorMod(40 - width % 32, 32), Math.floorMod(56 - width % 32, 32));
        long words = rows / (problem.precision() == Precision.BF16 ? 2 : 1) * padded;
        return Float.BYTES * Math.max(2 * words, sl / 2L * bm() * bn()) + shared.columnBytes(bn());
    }

    @Override
    public long localBytes(ConvProblem problem) {
        return bytes(problem, rowsOfStage(problem));
    }

    /** @param emulated whether plain code does what tensor cores would */
    String options(ConvProblem problem, boolean emulated) {
        return "-DWM=" + wm + " -DWN=" + wn + " -DMT=" + mt + " -DNT=" + nt + " -DSL=" + sl + " -DSC=" + rowsOfStage(problem)
                + " -DPRECISION=" + problem.precision().ordinal() + shared(problem).options(emulated)
                + (emulated ? "" : " -DPTX=1" + (registers == 0 ? "" : " -cl-nv-maxrregcount=" + registers));
    }

    @Override
    public String toString() {
        return "mma " + wm + " " + wn + " " + mt + " " + nt + " " + sl + " " + registers;
    }
}
