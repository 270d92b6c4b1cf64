// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import static aulos.kernels.opencl.ConvTile.require;

import aulos.engine.Precision;

/**
 * The tunables of {@code conv_direct.cl}.
 *
 * @param wx work-items along the columns
 * @param wy work-items along the channels
 * @param ly how many of a warp's work-items are along the channels
 * @param tm channels of a work-item
 * @param tn columns of a work-item
 * @param sl slices of a group, each of which sums other rows
 * @param registers that a compiler of NVIDIA's may use for a work-item; 0: its own choice
 */
record DirectTile(int wx, int wy, int ly, int tm, int tn, int sl, int registers) implements ConvTile {
    /** Taps that are unrolled at once; more go in steps of four. */
    private static final int UNROLLED = 12;

    private static final int MOST_ROWS = 4;

    DirectTile {
        require(ly >= 1 && WARP % ly == 0 && wy >= 1 && wy % ly == 0 && wx >= 1 && wx % (WARP / ly) == 0,
                "has " + wx + " x " + wy + " work-items, expected whole warps of " + ly + " along the channels");
        require(wx * (long) wy * sl <= 1024, "has more than 1024 work-items");
        require(tm >= 1 && tm <= 16 && wy * tm % 4 == 0, "has a height of " + wy * tm + ", expected a multiple of 4");
        require(tn == 4 || tn == 8 || tn == 16, "has " + tn + " columns for a work-item, expected 4, 8 or 16");
        require(sl == 1 || sl == 2 || sl == 4 || sl == 8, "has " + sl + " slices, expected 1, 2, 4 or 8");
        require(registers == 0 || registers >= 32 && registers <= 255, "has " + registers + " registers");
    }

    @Override
    public int bm() {
        return wy * tm;
    }

    @Override
    public int bn() {
        return wx * tn;
    }

    @Override
    public int groupSize() {
        return wx * wy * sl;
    }

    @Override
    public boolean takes(Precision precision) {
        return precision == Precision.FLOAT32;
    }

    @Override
    public boolean isFor(ConvProblem problem) {
        return !problem.weight();
    }

    private int unrolled(ConvForm form) {
        return form.taps() <= UNROLLED ? form.taps() : 4;
    }

    SharedTile shared(ConvProblem problem) {
        ConvForm form = problem.form();
        int unrolled = unrolled(form);
        return SharedTile.of(problem.geometry(), form, bn(), Math.ceilDiv(form.taps(), unrolled) * unrolled);
    }

    /** Rows of a stage for each slice: as many as there are, up to four, whose two buffers find room in 48 KiB. */
    int rowsOfSlice(ConvProblem problem) {
        SharedTile shared = shared(problem);
        int rows = MOST_ROWS;
        while (rows > 1 && (bytes(shared, rows) > 48 << 10
                || problem.geometry().inRows() * problem.form().residues() <= sl * rows / 2)) {
            rows /= 2;
        }
        return rows;
    }

    private long bytes(SharedTile shared, int rows) {
        long stage = sl * rows * (shared.width(bn()) + (long) shared.taps() * bm());
        return Float.BYTES * Math.max(2 * stage, sl / 2L * bm() * bn()) + shared.columnBytes(bn());
    }

    @Override
    public long localBytes(ConvProblem problem) {
        return bytes(shared(problem), rowsOfSlice(problem));
    }

    /** For the compiler of a device. */
    String options(ConvProblem problem, DeviceInfo device) {
        boolean nvidia = device.computeCapability() >= OpenClBackend.TENSOR_CORES;
        return "-DWX=" + wx + " -DWY=" + wy + " -DLY=" + ly + " -DTM=" + tm + " -DTN=" + tn + " -DSL=" + sl + " -DCB="
                + rowsOfSlice(problem) + " -DKU=" + unrolled(problem.form()) + shared(problem).options(device.isCpu())
                + (nvidia ? " -DASYNC=1" + (registers == 0 ? "" : " -cl-nv-maxrregcount=" + registers) : "");
    }

    @Override
    public String toString() {
        return "direct " + wx + " " + wy + " " + ly + " " + tm + " " + tn + " " + sl + " " + registers;
    }
}
