// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The tiles that there are for a kind of device: the tuner measures all of them, an untuned layer takes one of them. */
final class ConvTiles {
    private ConvTiles() {}

    /** Those that can compute the problem, and that the device can run. */
    static List<ConvTile> of(DeviceInfo device, ConvProblem problem) {
        return all(device).stream()
                .filter(tile -> (tile.kernel() == ConvKernel.WEIGHT) == problem.weight())
                .filter(tile -> tile.takes(problem.precision()))
                .filter(tile -> tile.kernel() != ConvKernel.FEW || problem.m() <= 8 || problem.rows() <= 64)
                .toList();
    }

    static List<ConvTile> all(DeviceInfo device) {
        return (device.isCpu() ? cpu() : gpu()).stream().filter(tile -> tile.fits(device)).toList();
    }

    /**
     * For a GPU. Neighbouring work-items read neighbouring memory; a warp's reads of local memory meet no bank twice (one
     * operand is the same for half a warp, the other is read in whole vectors); what the next step needs is under way
     * while the current one is multiplied.
     */
    static List<ConvTile> gpu() {
        List<ConvTile> tiles = new ArrayList<>();
        for (ConvKernel kernel : List.of(ConvKernel.TAPS, ConvKernel.WEIGHT)) {
            // Work-items along n and m, then values of m and vectors of n: tiles from 128 x 128 to 16 x 256.
            for (int[] t : new int[][] {{16, 16, 8, 2}, {8, 16, 8, 2}, {16, 8, 8, 2}, {16, 16, 4, 1}, {32, 4, 8, 2},
                {16, 4, 8, 2}, {32, 4, 4, 2}}) {
                tiles.add(new ConvTile(kernel, t[0], t[1], t[2], t[3], 4, 16, 32, 1, 16, true, true, false));
            }
            tiles.add(new ConvTile(kernel, 16, 16, 8, 2, 4, 8, 32, 1, 8, true, true, false));
        }
        for (int tm : new int[] {1, 4, 8}) {
            tiles.add(ConvTile.few(128, tm, 1, 1));
        }
        return tiles;
    }

    /**
     * For a processor: a work-item holds vectors of 16 in its registers and there are few of them, local memory is memory
     * like any other, and copying it twice to hide a wait costs more than the wait. No group is smaller than four:
     * PoCL 3.1 replicates smaller ones whole, and fails an assertion at barriers in a loop.
     */
    static List<ConvTile> cpu() {
        Stream<ConvTile> taps = Stream.of(
                // Work-items along m, values of m and vectors of n of each.
                new int[] {16, 8, 1}, new int[] {8, 8, 1}, new int[] {4, 8, 1}, new int[] {4, 8, 2}, new int[] {4, 4, 4},
                new int[] {4, 2, 8})
                .map(t -> new ConvTile(ConvKernel.TAPS, 1, t[0], t[1], t[2], 16, 64, 1, 16, 1, false, false, true));
        Stream<ConvTile> weight = Stream.of(
                // Work-items along n and m, values of m and vectors of n of each.
                new int[] {4, 16, 8, 1}, new int[] {4, 8, 8, 1}, new int[] {4, 4, 8, 1}, new int[] {8, 2, 8, 1})
                .map(t -> new ConvTile(ConvKernel.WEIGHT, t[0], t[1], t[2], t[3], 16, 64, 1, 1, 1, false, true, true));
        Stream<ConvTile> few = IntStream.of(1, 4, 8).mapToObj(tm -> ConvTile.few(16, tm, 1, 16));
        return Stream.of(taps, weight, few).flatMap(s -> s).toList();
    }
}
