// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import static aulos.kernels.opencl.ConvTile.require;

import aulos.engine.Precision;

/**
 * The tunables of {@code conv_wgmma.cl}, for compute capability 9.0 alone; {@code -Daulos.opencl.wgmma=false} forbids it. Only
 * the tuner chooses it, which has compared its results on the device.
 *
 * @param w fours of warps along the channels
 * @param n columns
 */
record WgmmaTile(int w, int n) implements ConvTile {
    /** Hopper's, times ten; later generations have other instructions. */
    private static final int HOPPER = 90;

    private static final String PROPERTY = "aulos.opencl.wgmma";

    WgmmaTile {
        require(w >= 1 && w <= 4, "has " + w + " times four warps, expected 1 to 4");
        require(n == 64 || n == 128 || n == 256, "has " + n + " columns, expected 64, 128 or 256");
    }

    @Override
    public int bm() {
        return 64 * w;
    }

    @Override
    public int bn() {
        return n;
    }

    @Override
    public int groupSize() {
        return 4 * WARP * w;
    }

    @Override
    public boolean takes(Precision precision) {
        return precision != Precision.FLOAT32;
    }

    @Override
    public boolean isProven() {
        return false;
    }

    /** The columns of a tile have to lie side by side. */
    @Override
    public boolean isFor(ConvProblem problem) {
        return !problem.weight() && !SharedTile.of(problem.geometry(), problem.form(), n, problem.form().taps()).joined();
    }

    @Override
    public boolean fits(DeviceInfo device, ConvProblem problem) {
        boolean has = device.computeCapability() == HOPPER && !"false".equals(System.getProperty(PROPERTY));
        return (has || device.isCpu()) && ConvTile.super.fits(device, problem);
    }

    /** Samples are loaded one by one, as each goes to another word. */
    SharedTile shared(ConvProblem problem) {
        SharedTile usual = SharedTile.of(problem.geometry(), problem.form(), n, problem.form().taps());
        return new SharedTile(problem.form(), problem.form().taps(), false, false, 0, 1, usual.vectorStores());
    }

    /** Rows of a stage: twice as many where there are few taps, if there are so many. */
    int rowsOfStage(ConvProblem problem) {
        int least = MmaTile.fragmentRows(problem.precision());
        boolean few = problem.geometry().inRows() * problem.form().residues() <= least;
        return problem.form().taps() <= 3 && !few ? 2 * least : least;
    }

    @Override
    public long localBytes(ConvProblem problem) {
        SharedTile shared = shared(problem);
        long words = rowsOfStage(problem) / (problem.precision() == Precision.BF16 ? 2 : 1) * shared.width(n);
        return Float.BYTES * 2 * words + shared.columnBytes(n);
    }

    /** @param emulated whether plain code does what tensor cores would */
    String options(ConvProblem problem, boolean emulated) {
        return "-DW=" + w + " -DBN=" + n + " -DSC=" + rowsOfStage(problem) + " -DPRECISION=" + problem.precision().ordinal()
                + shared(problem).options(emulated) + (emulated ? "" : " -DPTX=1");
    }

    @Override
    public String toString() {
        return "wgmma " + w + " " + n;
    }
}
