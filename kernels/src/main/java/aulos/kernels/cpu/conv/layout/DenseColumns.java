// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv.layout;

import aulos.kernels.cpu.run.WorkerPool;
import aulos.kernels.cpu.run.Workspace.Scratch;
import java.util.Arrays;

/**
 * The columns of a {@link TapGeometry} that hold outputs, one after the other without the gaps between segments, and the
 * input they read, gathered once into rows along the whole axis, [channel][phase].
 */
public final class DenseColumns {
    public final int count;
    private final TapGeometry geometry;
    private final SegmentedInput input;
    private final int rowLength;

    public DenseColumns(TapGeometry geometry, SegmentedInput input) {
        this.geometry = geometry;
        this.input = input;
        count = Math.multiplyExact(geometry.batch, geometry.columns);
        rowLength = Scratch.oddLines(Math.addExact(Math.toIntExact(geometry.length()), geometry.halo()));
    }

    /** Where column {@code n} lies on the axis; past the last one, where the last one lies. */
    public int place(int n) {
        int column = Math.min(n, count - 1);
        return column / geometry.columns * geometry.period + column % geometry.columns;
    }

    /** The places of {@code length} columns from {@code first}. */
    public int[] places(int first, int length) {
        int[] places = new int[length];
        Arrays.setAll(places, i -> place(first + i));
        return places;
    }

    /** Where each term of a sum lies in columns laid out as [term][width]. */
    public static int[] steps(int count, int width) {
        int[] steps = new int[count];
        Arrays.setAll(steps, i -> i * width);
        return steps;
    }

    /** How long the array for {@link #gather} is. */
    public int size() {
        return Math.multiplyExact(geometry.groups * geometry.inRows * geometry.phases.length, rowLength);
    }

    /** Gathers all channels. */
    public void gather(WorkerPool pool, float[] gathered) {
        pool.run(geometry.groups * geometry.inRows, (channel, worker) -> input.gather(geometry, channel,
                geometry.minShift, rowLength, gathered, channel * geometry.phases.length * rowLength, rowLength));
    }

    /** Where a tap of a channel reads for a column at place 0. */
    public int offset(int channel, TapGeometry.Tap tap) {
        return (channel * geometry.phases.length + tap.row()) * rowLength + tap.shift() - geometry.minShift;
    }
}
