// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import aulos.engine.Precision;

/**
 * The tunables of {@code conv_pair.cl}, as the prototype measured them on an H200.
 *
 * @param channels of input and output
 * @param nt results of 8 columns of each of {@link #WARPS} warps
 */
record PairTile(int channels, int nt) {
    private static final int WARPS = 4;

    /** Registers of a work-item: more would leave room for fewer groups. */
    private static final int REGISTERS = 168;

    /** For 32 channels wide tiles where there are enough to keep the device busy; for 64 they find no room. */
    static PairTile of(ConvProblem problem, DeviceInfo device) {
        ConvGeometry g = problem.geometry();
        PairTile wide = new PairTile(g.inRows(), 8);
        boolean busy = wide.global(problem)[0] / wide.groupSize() * g.batch() >= 8L * device.computeUnits();
        return g.inRows() == 32 && busy ? wide : new PairTile(g.inRows(), 4);
    }

    int groupSize() {
        return ConvTile.WARP * WARPS;
    }

    /** Columns of what is between the convolutions. */
    private int bn() {
        return WARPS * nt * 8;
    }

    private int columns(ConvProblem problem) {
        return (bn() - problem.form().taps() + 1) / 8 * 8;
    }

    /** The taps of both convolutions reach beyond the tile, and a segment is never joined to the next. */
    private SharedTile shared(ConvProblem problem) {
        ConvGeometry g = problem.geometry();
        int start = g.padding() - (problem.form().taps() - 1) / 2;
        boolean vectors = g.inLength() % 4 == 0;
        return new SharedTile(problem.form(), problem.form().taps(), false, vectors,
                vectors ? Math.floorMod(start, 4) : 0, 1, g.outLength() % 4 == 0);
    }

    long localBytes(ConvProblem problem) {
        long width = padded(shared(problem).width(bn()));
        long between = padded(bn() + problem.form().taps() - 1);
        long words = channels / (problem.precision() == Precision.BF16 ? 2 : 1) * Math.max(width, between);
        return Float.BYTES * words + shared(problem).columnBytes(bn());
    }

    private static long padded(long width) {
        return width + Math.min(Math.floorMod(40 - width % 32, 32), Math.floorMod(56 - width % 32, 32));
    }

    /** @param emulated whether plain code does what tensor cores would */
    String options(ConvProblem problem, boolean emulated) {
        return "-DC=" + channels + " -DWN=" + WARPS + " -DNT=" + nt + " -DPRECISION=" + problem.precision().ordinal()
                + shared(problem).options(emulated) + (emulated ? "" : " -DPTX=1 -cl-nv-maxrregcount=" + REGISTERS);
    }

    int[] geometry(ConvProblem problem) {
        return shared(problem).geometry(problem.geometry(), channels);
    }

    long[] global(ConvProblem problem) {
        ConvGeometry g = problem.geometry();
        return new long[] {(long) Math.ceilDiv(g.columns(), columns(problem)) * groupSize(), 1, g.batch()};
    }
}
