// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv.layout;

import aulos.engine.ConvSpec;
import aulos.engine.Shape;
import aulos.kernels.cpu.loop.MicroTile;
import aulos.kernels.cpu.loop.Rows;
import aulos.kernels.cpu.run.BufferPool;
import aulos.kernels.cpu.run.CpuBuffer;
import aulos.kernels.cpu.run.WorkerPool;
import java.util.Arrays;

/**
 * Weights in the order in which {@link MicroTile#run} reads them: [group][block of output channels][output phase][input
 * channel][tap of the phase][channel of the block], with zeros where the last block has no channel.
 */
public final class PackedTaps {

    /** Under which packed weights are kept beside the weights: everything that their order depends on. */
    public record Layout(boolean transposed, ConvSpec spec, Shape weight, int blockRows) {}

    private PackedTaps() {}

    public static int blocks(TapGeometry geometry, MicroTile tile) {
        return Math.ceilDiv(geometry.outRows, tile.rows());
    }

    /** Where the weights of a block begin; one output phase follows the other. */
    public static int offset(TapGeometry geometry, MicroTile tile, int group, int block) {
        return (group * blocks(geometry, tile) + block) * tile.rows() * geometry.inRows * geometry.kernelSize;
    }

    /** The packed weights, from beside the buffer if they are there. */
    public static float[] of(CpuBuffer weight, Layout layout, TapGeometry geometry, MicroTile tile, WorkerPool pool,
            BufferPool buffers) {
        CpuBuffer kept = weight.derived(layout);
        if (kept != null) {
            return kept.values;
        }
        int blocks = blocks(geometry, tile);
        long size = (long) geometry.groups * blocks * tile.rows() * geometry.inRows * geometry.kernelSize;
        CpuBuffer packed = buffers.take(Math.toIntExact(size));
        pool.run(geometry.groups * blocks, (index, worker) ->
                pack(weight.values, layout.transposed, geometry, tile, index / blocks, index % blocks, packed.values));
        buffers.keepDerived(weight, layout, packed);
        return packed.values;
    }

    private static void pack(float[] weight, boolean transposed, TapGeometry geometry, MicroTile tile, int group,
            int block, float[] packed) {
        int kernelSize = geometry.kernelSize;
        int outStep = transposed ? kernelSize : geometry.inRows * kernelSize;
        int inStep = transposed ? geometry.outRows * kernelSize : kernelSize;
        int from = (group * geometry.outRows * geometry.inRows) * kernelSize + block * tile.rows() * outStep;
        int filled = Math.min(tile.rows(), geometry.outRows - block * tile.rows());
        int at = offset(geometry, tile, group, block);
        if (filled < tile.rows()) {
            Arrays.fill(packed, at, offset(geometry, tile, group, block + 1), 0);
        }
        for (TapGeometry.Tap[] taps : geometry.taps) {
            // Evenly spaced: every tap, or every stride-th.
            int step = taps.length > 1 ? taps[1].index() - taps[0].index() : 0;
            int perChannel = taps.length * tile.rows();
            for (int c = 0; c < geometry.inRows && taps.length > 0; c++) {
                Rows.interleaveRows(weight, from + c * inStep + taps[0].index(), step, outStep, filled, taps.length,
                        packed, at + c * perChannel, tile.rows());
            }
            at += geometry.inRows * perChannel;
        }
    }
}
