// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

/**
 * How one convolution is computed.
 *
 * @param splits into how many parts every sum is split; they are added by a second kernel
 */
record ConvPlan(ConvTile tile, int splits) {

    ConvPlan {
        if (splits < 1 || splits > 4096) {
            throw new IllegalArgumentException("opencl: a convolution in " + splits + " parts, expected 1 to 4096");
        }
        if (splits > 1 && !splits(tile)) {
            throw new IllegalArgumentException("opencl: " + tile + " sums in one part, not in " + splits);
        }
    }

    /** Whether the tile's sums can be split. */
    static boolean splits(ConvTile tile) {
        return switch (tile) {
            case MatrixTile _ -> true;
            case GradientTile _ -> true;
            case GradientMmaTile _ -> true;
            case DirectTile _ -> false;
            case MmaTile _ -> false;
            case WgmmaTile _ -> false;
            case ToomTile _ -> false;
        };
    }

    /** Terms of one part, in whole steps of the tile. */
    int rowsPerSplit(int rows) {
        int step = switch (tile) {
            case MatrixTile matrix -> matrix.bk();
            case GradientTile gradient -> gradient.tt();
            case GradientMmaTile gradient -> gradient.tt();
            case DirectTile _ -> rows;
            case MmaTile _ -> rows;
            case WgmmaTile _ -> rows;
            case ToomTile _ -> rows;
        };
        return Math.ceilDiv(Math.ceilDiv(rows, splits), step) * step;
    }

    /** The parts that there are then. */
    int parts(int rows) {
        return Math.max(1, Math.ceilDiv(rows, rowsPerSplit(rows)));
    }
}
