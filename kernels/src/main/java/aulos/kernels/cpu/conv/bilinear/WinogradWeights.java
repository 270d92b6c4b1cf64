// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv.bilinear;

import aulos.kernels.cpu.conv.job.ConvJob;
import aulos.kernels.cpu.conv.layout.PackedTaps;
import aulos.kernels.cpu.conv.layout.TapGeometry;
import aulos.kernels.cpu.loop.MicroTile;
import aulos.kernels.cpu.loop.WinogradForm;
import aulos.kernels.cpu.loop.WinogradTransform;
import aulos.kernels.cpu.run.CpuBuffer;
import aulos.kernels.cpu.run.Workspace.Slot;
import java.util.Arrays;

/**
 * Transformed weights in the order in which {@link WinogradStretch} reads them: [block of output
 * channels][point][input channel][channel of the block], with zeros where the last block has no channel. The
 * transformation is a product of matrices too, [point][tap] by [tap][input channel, channel of the block], and done by
 * the same micro-kernel.
 */
final class WinogradWeights {
    final WinogradForm form;
    final MicroTile tile;
    final TapGeometry geometry;
    final int dilation;
    private final boolean transposed;
    /** From one point to the next. */
    final int pointSize;
    /** From one block to the next; points come in whole micro-tiles too. */
    final int blockSize;
    final float[] values;
    /** One value, maybe zero, for every channel of every block. */
    final float[] bias;

    WinogradWeights(ConvJob job) {
        geometry = TapGeometry.of(job);
        form = new WinogradForm(geometry.kernelSize);
        tile = WinogradTransform.tile(geometry.outRows);
        dilation = job.spec().dilation();
        transposed = job.transposed();
        pointSize = Math.ceilDiv(geometry.inRows * tile.rows(), tile.width()) * tile.width();
        blockSize = Math.ceilDiv(form.points(), tile.rows()) * tile.rows() * pointSize;
        values = values(job);
        bias = PackedTaps.start(job, geometry, tile);
    }

    /** Under which they are kept beside the weights. */
    private record Key(PackedTaps.Layout layout) {}

    /** From beside the buffer if they are there. */
    private float[] values(ConvJob job) {
        Key key = new Key(new PackedTaps.Layout(transposed, job.spec(), job.weightShape(), tile.rows()));
        CpuBuffer kept = job.weightBuffer().derived(key);
        if (kept != null) {
            return kept.values;
        }
        int blocks = PackedTaps.blocks(geometry, tile);
        CpuBuffer packed = job.space().buffers().take(Math.multiplyExact(blocks, blockSize));
        float[] matrix = matrix();
        job.space().pool().run(blocks, (block, worker) -> {
            float[] taps = job.space().scratch().array(worker, Slot.WEIGHTS, geometry.kernelSize * pointSize);
            transform(taps(job.weight(), block, taps), matrix, packed.values, block * blockSize);
        });
        job.space().buffers().keepDerived(job.weightBuffer(), key, packed);
        return packed.values;
    }

    /** The form's matrix as {@link MicroTile#run} takes weights: [block of points][tap][point of the block]. */
    private float[] matrix() {
        int taps = geometry.kernelSize;
        float[] matrix = new float[blockSize / pointSize * taps];
        double[] unit = new double[taps];
        double[] column = new double[form.points()];
        for (int tap = 0; tap < taps; tap++) {
            Arrays.fill(unit, 0);
            unit[tap] = 1;
            form.filter(unit, column);
            for (int p = 0; p < column.length; p++) {
                matrix[(p / tile.rows() * taps + tap) * tile.rows() + p % tile.rows()] = (float) column[p];
            }
        }
        return matrix;
    }

    /** The taps of a block, [tap][input channel][channel of the block]. */
    private float[] taps(float[] weight, int block, float[] to) {
        int k = geometry.kernelSize;
        int rows = tile.rows();
        // A transposed convolution has the channels of its weight the other way round, and its taps back to front.
        int outStep = transposed ? k : geometry.inRows * k;
        int inStep = transposed ? geometry.outRows * k : k;
        int filled = Math.min(rows, geometry.outRows - block * rows);
        Arrays.fill(to, 0, k * pointSize, 0);
        for (int row = 0; row < filled; row++) {
            for (int c = 0; c < geometry.inRows; c++) {
                int from = (block * rows + row) * outStep + c * inStep;
                for (int i = 0; i < k; i++) {
                    to[(transposed ? k - 1 - i : i) * pointSize + c * rows + row] = weight[from + i];
                }
            }
        }
        return to;
    }

    private void transform(float[] taps, float[] matrix, float[] packed, int at) {
        int[] reads = new int[geometry.kernelSize];
        Arrays.setAll(reads, tap -> tap * pointSize);
        float[] zeros = new float[tile.rows()];
        for (int p = 0; p < blockSize / pointSize; p += tile.rows()) {
            for (int i = 0; i < pointSize; i += tile.width()) {
                tile.run(taps, i, reads, reads.length, matrix, p * reads.length, zeros, 0, packed,
                        at + p * pointSize + i, pointSize);
            }
        }
    }
}
