// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

/**
 * What the kernels with a tile of the input that all taps share ({@code conv_tile.clh}) need to know of a problem beyond
 * their own tunables.
 *
 * @param taps with those that fill up the last step of an unrolled loop
 * @param joined whether the segments of a batch lie behind one another along the columns
 * @param vectors whether rows are loaded four samples at a time
 * @param left samples in front of the first column, to make such loads aligned
 * @param segments that a tile can touch if joined
 */
record SharedTile(ConvForm form, int taps, boolean joined, boolean vectors, int left, int segments, boolean vectorStores) {
    /** Where more of the last tile of a segment would be empty than this, short segments are joined. */
    private static final double MOST_EMPTY = 0.1;

    /** @param taps as the kernel wants them */
    static SharedTile of(ConvGeometry g, ConvForm form, int bn, int taps) {
        int columns = g.columns();
        boolean joined = g.batch() > 1
                && Math.ceilDiv(columns, bn) * (double) bn / columns > 1 + MOST_EMPTY;
        boolean plain = !joined && g.inStride() == 1 && g.outStride() == 1;
        boolean vectors = plain && g.inLength() % 4 == 0;
        int start = g.transposed() ? g.padding() + (taps(g) - 1) * g.shiftStep() : g.padding();
        return new SharedTile(form, taps, joined, vectors, vectors ? Math.floorMod(start, 4) : 0,
                joined ? (bn - 2) / columns + 2 : 1, plain && g.outLength() % 4 == 0);
    }

    private static int taps(ConvGeometry g) {
        return ConvForm.of(g).taps();
    }

    /** Columns of the tile of the input, as {@code WIDTH} in {@code conv_tile.clh}. */
    long width(int bn) {
        long halo = form.halo(taps);
        return joined ? (bn + halo * segments + 3) / 4 * 4 : (left + bn + halo + 3) / 4 * 4;
    }

    /** Bytes of the columns' places, which loads of single samples look up. */
    long columnBytes(int bn) {
        return vectors ? 0 : 2L * Integer.BYTES * width(bn);
    }

    /** @param rolled whether loops over registers stay loops, for processors */
    String options(boolean rolled) {
        return " -DK=" + taps + " -DD=" + form.shift() + " -DRESIDUES=" + form.residues() + " -DJOINED=" + (joined ? 1 : 0)
                + " -DVECTORS=" + (vectors ? 1 : 0) + " -DLEFT=" + left + " -DSEGMENTS=" + segments + " -DVECTOR_STORES="
                + (vectorStores ? 1 : 0) + (rolled ? "" : " -DUNROLLED");
    }

    /** The struct Geometry of {@code conv_tile.clh}. */
    int[] geometry(ConvGeometry g, int rowsOfStage) {
        int rows = g.inRows() * form.residues();
        return new int[] {g.batch(), g.groups(), g.inRows(), g.inLength(), g.inStride(), g.outRows(), g.outLength(),
            g.outStride(), g.columns(), g.kernelSize(), g.padding(), g.dilation(), g.tapStep(), g.shiftStep(), form.taps(),
            rows, Math.ceilDiv(rows, rowsOfStage)};
    }

    /** Work-groups along columns, channels, and phases, groups and segments. */
    long[] groups(ConvGeometry g, int bm, int bn) {
        return new long[] {Math.ceilDiv(joined ? Math.multiplyExact(g.batch(), g.columns()) : g.columns(), bn),
            Math.ceilDiv(g.outRows(), bm), (long) g.outStride() * g.groups() * (joined ? 1 : g.batch())};
    }
}
