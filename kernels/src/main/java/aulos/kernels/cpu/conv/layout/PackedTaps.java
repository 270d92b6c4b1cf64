// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv.layout;

import aulos.engine.ConvSpec;
import aulos.engine.Shape;
import aulos.kernels.cpu.conv.job.ConvJob;
import aulos.kernels.cpu.loop.MicroTile;
import aulos.kernels.cpu.loop.Rows;
import aulos.kernels.cpu.run.CpuBuffer;
import java.util.Arrays;

/**
 * Weights in the order in which {@link MicroTile#run} reads them: [group][block of output channels][output phase][input
 * channel][tap of the phase][channel of the block], with zeros where the last block has no channel.
 *
 * @param start the bias or zero for every channel of every block, [group][block][tile.rows]
 */
public record PackedTaps(TapGeometry geometry, MicroTile tile, float[] weights, float[] start) {

    /** Under which packed weights are kept beside the weights: everything that their order depends on. */
    public record Layout(boolean transposed, ConvSpec spec, Shape weight, int blockRows) {}

    /** For a job; the weights from beside their buffer if they are there. */
    public static PackedTaps of(ConvJob job, TapGeometry geometry) {
        MicroTile tile = MicroTile.forRows(geometry.outRows);
        return new PackedTaps(geometry, tile, pack(job, geometry, tile), start(job, geometry, tile));
    }

    public static int blocks(TapGeometry geometry, MicroTile tile) {
        return Math.ceilDiv(geometry.outRows, tile.rows());
    }

    /** Where the weights of a block begin; one output phase follows the other. */
    static int offset(TapGeometry geometry, MicroTile tile, int group, int block) {
        return (group * blocks(geometry, tile) + block) * tile.rows() * geometry.inRows * geometry.kernelSize;
    }

    private static float[] pack(ConvJob job, TapGeometry geometry, MicroTile tile) {
        Layout layout = new Layout(job.transposed(), job.spec(), job.weightShape(), tile.rows());
        CpuBuffer kept = job.weightBuffer().derived(layout);
        if (kept != null) {
            return kept.values;
        }
        int blocks = blocks(geometry, tile);
        long size = (long) geometry.groups * blocks * tile.rows() * geometry.inRows * geometry.kernelSize;
        CpuBuffer packed = job.space().buffers().take(Math.toIntExact(size));
        job.space().pool().run(geometry.groups * blocks, (index, worker) -> pack(
                job.weight(), job.transposed(), geometry, tile, index / blocks, index % blocks, packed.values));
        job.space().buffers().keepDerived(job.weightBuffer(), layout, packed);
        return packed.values;
    }

    /** What sums start from, [group][block][tile.rows]: the bias, or zero. */
    public static float[] start(ConvJob job, TapGeometry geometry, MicroTile tile) {
        int perGroup = blocks(geometry, tile) * tile.rows();
        float[] start = new float[geometry.groups * perGroup];
        float[] bias = job.bias();
        for (int group = 0; group < geometry.groups && bias != null; group++) {
            System.arraycopy(bias, group * geometry.outRows, start, group * perGroup, geometry.outRows);
        }
        return start;
    }

    /** The same for one group, {@code size} long. */
    public static float[] start(ConvJob job, int size) {
        float[] start = new float[size];
        if (job.bias() != null) {
            System.arraycopy(job.bias(), 0, start, 0, job.out().shape().dim(1));
        }
        return start;
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
