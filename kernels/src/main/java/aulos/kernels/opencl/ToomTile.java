// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import static aulos.kernels.opencl.ConvTile.require;

import aulos.engine.Precision;

/**
 * The tunables of {@code conv_toom.cl}. No GPU has run it yet, so only the tuner chooses it.
 *
 * @param wx work-items of a point along the fours of columns
 * @param wy work-items of a point along the channels
 * @param registers that a compiler of NVIDIA's may use for a work-item; 0: its own choice
 */
record ToomTile(int wx, int wy, int registers) implements ConvTile {
    /** Outputs that belong together. */
    private static final int FOUR = 4;

    /** Fours, and channels, of a work-item. */
    private static final int EACH = 8;

    /** Terms of a stage. */
    private static final int TERMS = 4;

    private static final int LEAST_TAPS = 3;
    private static final int MOST_TAPS = 16;

    ToomTile {
        require(wx >= 1 && wy >= 1 && wx * (long) wy % WARP == 0 && wx * (long) wy * 7 <= 1024,
                "has " + wx + " x " + wy + " work-items for a point, expected whole warps, 146 at most");
        require(registers == 0 || registers >= 32 && registers <= 255, "has " + registers + " registers");
    }

    /** Taps of a group, 3 or 4: what takes fewer products. */
    static int tapsOfGroup(ConvForm form) {
        return products(form, 3) <= products(form, 4) ? 3 : 4;
    }

    private static int products(ConvForm form, int tapsOfGroup) {
        return (tapsOfGroup + FOUR - 1) * Math.ceilDiv(form.taps(), tapsOfGroup);
    }

    /** Of the products that the sums have, how many are left. */
    static double share(ConvForm form) {
        return products(form, tapsOfGroup(form)) / (double) (FOUR * form.taps());
    }

    static int points(ConvForm form) {
        return tapsOfGroup(form) + FOUR - 1;
    }

    static int groupsOfTaps(ConvForm form) {
        return Math.ceilDiv(form.taps(), tapsOfGroup(form));
    }

    /** Rows times groups of taps, with those that fill up the last stage. */
    static int terms(ConvProblem problem) {
        int terms = Math.multiplyExact(problem.geometry().inRows(), groupsOfTaps(problem.form()));
        return Math.ceilDiv(terms, TERMS) * TERMS;
    }

    @Override
    public int bm() {
        return wy * EACH;
    }

    @Override
    public int bn() {
        return wx * EACH * FOUR;
    }

    /** For seven points; for six a seventh less. */
    @Override
    public int groupSize() {
        return wx * wy * 7;
    }

    int groupSize(ConvForm form) {
        return wx * wy * points(form);
    }

    @Override
    public boolean takes(Precision precision) {
        return precision == Precision.FLOAT32;
    }

    @Override
    public boolean isProven() {
        return false;
    }

    @Override
    public boolean isFor(ConvProblem problem) {
        ConvGeometry g = problem.geometry();
        int taps = problem.form().taps();
        return !problem.weight() && g.inStride() == 1 && g.outStride() == 1 && taps >= LEAST_TAPS && taps <= MOST_TAPS;
    }

    @Override
    public long localBytes(ConvProblem problem) {
        long points = points(problem.form());
        long stage = TERMS * points * (bm() + wx * EACH);
        return Float.BYTES * Math.max(2 * stage, points * wy * wx * EACH);
    }

    /** For the compiler of a device. */
    String options(ConvProblem problem, DeviceInfo device) {
        boolean nvidia = device.computeCapability() >= OpenClBackend.TENSOR_CORES;
        return "-DWX=" + wx + " -DWY=" + wy + " -DCB=" + TERMS + " -DR=" + tapsOfGroup(problem.form())
                + shared(problem).options(device.isCpu())
                + (nvidia ? " -DASYNC=1" + (registers == 0 ? "" : " -cl-nv-maxrregcount=" + registers) : "");
    }

    private static SharedTile shared(ConvProblem problem) {
        ConvGeometry g = problem.geometry();
        return new SharedTile(problem.form(), problem.form().taps(), false, false, 0, 1, g.outLength() % FOUR == 0);
    }

    /** The struct Geometry of {@code conv_tile.clh}; a stage is so many terms. */
    int[] geometry(ConvProblem problem) {
        int[] geometry = shared(problem).geometry(problem.geometry(), 1);
        geometry[geometry.length - 1] = terms(problem) / TERMS;
        return geometry;
    }

    /** Work-groups along the fours of all segments, channels, and groups. */
    long[] groups(ConvProblem problem) {
        ConvGeometry g = problem.geometry();
        int apart = problem.form().shift();
        long fours = Math.multiplyExact((long) g.batch(), Math.ceilDiv(g.columns(), FOUR * apart) * apart);
        return new long[] {Math.ceilDiv(fours, wx * EACH), Math.ceilDiv(g.outRows(), bm()), g.groups()};
    }

    @Override
    public String toString() {
        return "toom " + wx + " " + wy + " " + registers;
    }
}
