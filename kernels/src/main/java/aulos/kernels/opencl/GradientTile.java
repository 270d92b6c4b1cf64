// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import static aulos.kernels.opencl.ConvTile.require;

import aulos.engine.Precision;

/**
 * The tunables of {@code conv_gradient.cl}.
 *
 * @param wx work-items along the input's channels and parts of their taps
 * @param wy work-items along the gradient's channels
 * @param tm channels of the gradient of a work-item
 * @param columns channels of the input times taps of a work-item, at most
 * @param tt samples at a time
 */
record GradientTile(int wx, int wy, int tm, int columns, int tt) implements ConvTile {

    GradientTile {
        require(wx >= 1 && wy >= 1 && wx * (long) wy % WARP == 0 && wx * (long) wy <= 1024,
                "has " + wx + " x " + wy + " work-items, expected whole warps");
        require(tm == 4 || tm == 8 || tm == 16, "has " + tm + " channels for a work-item, expected 4, 8 or 16");
        require(columns >= 4 && columns <= 32, "has " + columns + " columns for a work-item, expected 4 to 32");
        require(tt >= 8 && tt <= 64, "has " + tt + " samples at a time, expected 8 to 64");
    }

    @Override
    public int bm() {
        return wy * tm;
    }

    /** With all work-items' columns. */
    @Override
    public int bn() {
        return wx * columns;
    }

    @Override
    public int groupSize() {
        return wx * wy;
    }

    @Override
    public boolean takes(Precision precision) {
        return precision == Precision.FLOAT32;
    }

    @Override
    public boolean isFor(ConvProblem problem) {
        return problem.weight() && shape(problem).parts() <= wx && wx % shape(problem).parts() == 0;
    }

    private GradientShape shape(ConvProblem problem) {
        return GradientShape.of(problem, columns, tt, 1);
    }

    /** Channels of the input of a group. */
    int groupChannels(ConvProblem problem) {
        return wx / shape(problem).parts() * shape(problem).channels();
    }

    @Override
    public long localBytes(ConvProblem problem) {
        long width = shape(problem).width();
        long odd = width / 2 * 2 + 1;
        return Float.BYTES * (tt * (bm() + 4L) + groupChannels(problem) * odd + 2L * tt + width);
    }

    String options(ConvProblem problem, DeviceInfo device) {
        return "-DWX=" + wx + " -DWY=" + wy + " -DTM=" + tm + shape(problem).options(problem.geometry(), tt, device.isCpu());
    }

    /** Work-groups along the gradient's channels, the input's, and groups and parts of the sums. */
    long[] groups(ConvProblem problem, int parts) {
        ConvGeometry g = problem.geometry();
        return new long[] {Math.ceilDiv(g.outRows(), bm()), Math.ceilDiv(g.inRows(), groupChannels(problem)),
            (long) g.groups() * parts};
    }

    @Override
    public String toString() {
        return "gradient " + wx + " " + wy + " " + tm + " " + columns + " " + tt;
    }
}
