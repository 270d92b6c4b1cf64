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
        if (splits > 1 && (tile instanceof DirectTile || tile instanceof MmaTile || tile instanceof WgmmaTile)) {
            throw new IllegalArgumentException("opencl: " + tile + " sums in one part, not in " + splits);
        }
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
        };
        return Math.ceilDiv(Math.ceilDiv(rows, splits), step) * step;
    }

    /** The parts that there are then. */
    int parts(int rows) {
        return Math.max(1, Math.ceilDiv(rows, rowsPerSplit(rows)));
    }
}
