// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import aulos.engine.Precision;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The tiles that there are for a kind of device: the tuner measures all of them, an untuned layer takes one of them. */
final class ConvTiles {
    private ConvTiles() {}

    /** Those that can compute the problem, and that the device can run. */
    static List<ConvTile> of(DeviceInfo device, ConvProblem problem) {
        // What stands in for tensor cores on a processor has their tiles.
        boolean emulated = device.isCpu() && problem.precision() != Precision.FLOAT32;
        List<ConvTile> fitting = (emulated ? gpu() : all(device)).stream()
                .filter(tile -> tile.fits(device, problem)).toList();
        boolean gathers = device.isCpu() && !emulated || fitting.stream().noneMatch(ConvTiles::isShared);
        return gathers ? fitting : fitting.stream()
                .filter(tile -> !(tile instanceof MatrixTile matrix) || matrix.kernel() != ConvKernel.TAPS).toList();
    }

    private static boolean isShared(ConvTile tile) {
        return tile instanceof DirectTile || tile instanceof MmaTile;
    }

    static List<ConvTile> all(DeviceInfo device) {
        return device.isCpu() ? cpu() : gpu();
    }

    /**
     * For a GPU. Those of {@code conv_direct} and {@code conv_mma} are the ones that were fastest for some layer of V1 when
     * the prototype was measured on an H200, and smaller ones for V2 and V3. Of {@code conv_taps} there is one, for taps
     * that reach so far that no tile of the input in local memory spans them.
     */
    static List<ConvTile> gpu() {
        List<ConvTile> tiles = new ArrayList<>();
        // Work-items along columns and channels, those of a warp along channels; channels and columns of each; slices.
        for (int[] t : new int[][] {{16, 16, 4, 8, 8, 1, 128}, {16, 8, 4, 16, 8, 1, 0}, {16, 8, 4, 8, 8, 1, 128},
            {16, 8, 4, 8, 8, 2, 128}, {8, 8, 4, 8, 8, 2, 128}, {8, 8, 4, 8, 8, 4, 128}, {8, 4, 4, 8, 8, 8, 128},
            {16, 4, 4, 8, 8, 1, 128}, {16, 4, 4, 8, 8, 2, 128}, {32, 4, 4, 8, 8, 1, 0}, {16, 2, 2, 8, 8, 1, 168},
            {16, 2, 2, 8, 8, 4, 168}, {32, 2, 2, 8, 8, 2, 168}, {32, 1, 1, 8, 8, 1, 168}, {32, 1, 1, 8, 8, 4, 168}}) {
            tiles.add(new DirectTile(t[0], t[1], t[2], t[3], t[4], t[5], t[6]));
        }
        // Warps along channels and columns; results of each; slices.
        for (int[] t : new int[][] {{2, 4, 4, 8, 1, 0}, {2, 2, 4, 8, 1, 0}, {4, 2, 2, 8, 1, 128}, {2, 4, 4, 4, 1, 128},
            {2, 2, 4, 4, 1, 168}, {1, 4, 4, 4, 1, 168}, {1, 4, 4, 8, 1, 0}, {2, 2, 2, 8, 1, 168}, {2, 2, 2, 4, 1, 128},
            {2, 2, 2, 4, 2, 128}, {1, 2, 2, 4, 4, 128}, {1, 4, 2, 4, 1, 128}, {1, 2, 2, 8, 1, 168}, {1, 4, 1, 4, 1, 128},
            {1, 2, 1, 8, 2, 168}}) {
            tiles.add(new MmaTile(t[0], t[1], t[2], t[3], t[4], t[5]));
        }
        // Fours of warps, columns.
        for (int[] t : new int[][] {{2, 256}, {1, 256}, {2, 128}, {1, 128}, {1, 64}}) {
            tiles.add(new WgmmaTile(t[0], t[1]));
        }
        // Work-items of a point along fours of columns and channels.
        for (int[] t : new int[][] {{8, 8, 128}, {4, 16, 128}, {4, 8, 128}, {8, 4, 128}}) {
            tiles.add(new ToomTile(t[0], t[1], t[2]));
        }
        // Work-items along the input's channels and the gradient's; channels, and channels times taps of each; samples.
        for (int[] t : new int[][] {{16, 8, 8, 12, 32}, {16, 16, 8, 12, 16}, {8, 8, 8, 12, 32}, {32, 4, 8, 12, 32},
            {16, 4, 8, 12, 32}, {32, 2, 8, 12, 32}, {16, 2, 8, 12, 32}, {16, 8, 8, 16, 32}}) {
            tiles.add(new GradientTile(t[0], t[1], t[2], t[3], t[4]));
        }
        // Warps along the gradient's channels and the input's; results of each; samples.
        for (int[] t : new int[][] {{2, 2, 2, 12, 32, 168}, {4, 2, 2, 12, 32, 168}, {2, 4, 2, 12, 32, 168},
            {2, 2, 4, 6, 32, 168}, {1, 4, 2, 12, 32, 168}, {1, 4, 2, 12, 64, 168}, {1, 4, 1, 12, 32, 128}}) {
            tiles.add(new GradientMmaTile(t[0], t[1], t[2], t[3], t[4], t[5]));
        }
        // Work-items along n and m, then values of m and vectors of n: tiles from 128 x 128 to 16 x 256.
        for (int[] t : new int[][] {{16, 16, 8, 2}, {8, 16, 8, 2}, {16, 8, 8, 2}, {16, 16, 4, 1}, {32, 4, 8, 2},
            {16, 4, 8, 2}, {32, 4, 4, 2}}) {
            tiles.add(new MatrixTile(ConvKernel.WEIGHT, t[0], t[1], t[2], t[3], 4, 16, 32, 1, 16, true, true, false));
        }
        tiles.add(new MatrixTile(ConvKernel.WEIGHT, 16, 16, 8, 2, 4, 8, 32, 1, 8, true, true, false));
        tiles.add(new MatrixTile(ConvKernel.TAPS, 16, 16, 4, 1, 4, 16, 32, 1, 16, true, true, false));
        for (int tm : new int[] {1, 4, 8}) {
            tiles.add(MatrixTile.few(128, tm, 1, 1));
        }
        return tiles;
    }

    /**
     * For a processor: a work-item holds vectors of 16 in its registers and there are few of them, local memory is memory
     * like any other, and copying it twice to hide a wait costs more than the wait. No group is smaller than four:
     * PoCL 3.1 replicates smaller ones whole, and fails an assertion at barriers in a loop.
     */
    static List<ConvTile> cpu() {
        Stream<MatrixTile> taps = Stream.of(
                // Work-items along m, values of m and vectors of n of each.
                new int[] {16, 8, 1}, new int[] {8, 8, 1}, new int[] {4, 8, 1}, new int[] {4, 8, 2}, new int[] {4, 4, 4},
                new int[] {4, 2, 8})
                .map(t -> new MatrixTile(ConvKernel.TAPS, 1, t[0], t[1], t[2], 16, 64, 1, 16, 1, false, false, true));
        Stream<MatrixTile> weight = Stream.of(
                // Work-items along n and m, values of m and vectors of n of each.
                new int[] {4, 16, 8, 1}, new int[] {4, 8, 8, 1}, new int[] {4, 4, 8, 1}, new int[] {8, 2, 8, 1})
                .map(t -> new MatrixTile(ConvKernel.WEIGHT, t[0], t[1], t[2], t[3], 16, 64, 1, 1, 1, false, true, true));
        Stream<MatrixTile> few = IntStream.of(1, 4, 8).mapToObj(tm -> MatrixTile.few(16, tm, 1, 16));
        return Stream.<Stream<? extends ConvTile>>of(taps, weight, few).<ConvTile>flatMap(s -> s).toList();
    }
}
