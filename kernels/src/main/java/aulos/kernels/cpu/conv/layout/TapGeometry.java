// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv.layout;

import aulos.engine.ConvSpec;
import aulos.engine.Shape;
import aulos.kernels.cpu.conv.job.ConvJob;
import aulos.kernels.cpu.conv.job.GradientJob;
import java.util.Arrays;

/**
 * A convolution, or a transposed one, seen as sums over taps on one long time axis:
 *
 * <pre>out[o, j·outStride + r] = Σ over c, taps of phase r of w[o, c, tap.index] · in[c, tap.row][j + tap.shift]</pre>
 *
 * where in[c, row] is the phase {@code phases[row]} of input channel c: its samples m·inStride + phase. A strided
 * convolution has several input phases and one output phase, a transposed one the reverse; so both read and compute
 * contiguous vectors.
 *
 * <p>The segments of a batch lie one after the other on that axis, {@code period} columns apart. The gap between them
 * is as wide as the taps reach and reads as zero, so short segments still fill vectors; the columns of the gap are
 * computed and thrown away.
 */
public final class TapGeometry {

    /** One factor of the sum: kernel position {@code index} meets input row {@code row}, {@code shift} columns on. */
    public record Tap(int index, int row, int shift) {}

    public final int batch;
    public final int groups;
    /** Channels of one group. */
    public final int inRows;
    public final int inLength;
    public final int inStride;
    /** Channels of one group. */
    public final int outRows;
    public final int outLength;
    public final int outStride;
    public final int kernelSize;
    /** The input phases that some tap reads. */
    public final int[] phases;
    /** For every output phase its taps, in ascending order of {@link Tap#index}. */
    public final Tap[][] taps;
    public final int minShift;
    final int maxShift;
    /** Columns of one segment that hold outputs. */
    public final int columns;
    public final int period;

    private TapGeometry(int groups, Shape in, int inStride, Shape out, int outStride, int[] phases, Tap[][] taps) {
        this.batch = in.dim(0);
        this.groups = groups;
        this.inRows = in.dim(1) / groups;
        this.inLength = in.dim(2);
        this.inStride = inStride;
        this.outRows = out.dim(1) / groups;
        this.outLength = out.dim(2);
        this.outStride = outStride;
        this.phases = phases;
        this.taps = taps;
        int min = Integer.MAX_VALUE;
        int max = Integer.MIN_VALUE;
        int count = 0;
        for (Tap[] ofPhase : taps) {
            count += ofPhase.length;
            for (Tap tap : ofPhase) {
                min = Math.min(min, tap.shift);
                max = Math.max(max, tap.shift);
            }
        }
        this.kernelSize = count; // each tap is in one phase
        this.minShift = min;
        this.maxShift = max;
        this.columns = Math.ceilDiv(outLength, outStride);
        int inColumns = Math.ceilDiv(inLength, inStride);
        this.period = Math.max(Math.addExact(columns, Math.max(maxShift, 0)),
                Math.subtractExact(inColumns, Math.min(minShift, 0)));
    }

    public static TapGeometry of(ConvJob job) {
        int kernelSize = job.weightShape().dim(2);
        return job.transposed() ? transposed(job.spec(), kernelSize, job.inShape(), job.out().shape())
                : convolution(job.spec(), kernelSize, job.inShape(), job.out().shape());
    }

    public static TapGeometry of(GradientJob job) {
        return convolution(job.spec(), job.weightShape().dim(2), job.inShape(), job.gradientShape());
    }

    /** x [B, Cin, T] convolved to y [B, Cout, T′]: sample t·s + k·d − p is column t + ⌊(k·d − p)/s⌋ of a phase. */
    public static TapGeometry convolution(ConvSpec spec, int kernelSize, Shape x, Shape y) {
        int stride = spec.stride();
        int[] phases = new int[Math.min(stride, kernelSize)];
        int used = 0;
        int[] reach = new int[kernelSize];
        for (int k = 0; k < kernelSize; k++) {
            reach[k] = Math.toIntExact((long) k * spec.dilation() - spec.padding());
            int phase = Math.floorMod(reach[k], stride);
            if (indexOf(phase, phases, used) == used) {
                phases[used++] = phase;
            }
        }
        Tap[] taps = new Tap[kernelSize];
        for (int k = 0; k < kernelSize; k++) {
            int row = indexOf(Math.floorMod(reach[k], stride), phases, used);
            taps[k] = new Tap(k, row, Math.floorDiv(reach[k], stride));
        }
        return new TapGeometry(spec.groups(), x, stride, y, 1, Arrays.copyOf(phases, used), new Tap[][] {taps});
    }

    private static int indexOf(int phase, int[] phases, int used) {
        int i = 0;
        while (i < used && phases[i] != phase) {
            i++;
        }
        return i;
    }

    /**
     * x [B, Cout, T′] convolved back to y [B, Cin, T]: output j·s + r receives tap k from column j + (r + p − k·d)/s
     * whenever that is whole.
     */
    public static TapGeometry transposed(ConvSpec spec, int kernelSize, Shape x, Shape y) {
        int stride = spec.stride();
        Tap[][] taps = new Tap[stride][];
        Tap[] ofPhase = new Tap[kernelSize];
        for (int r = 0; r < stride; r++) {
            int count = 0;
            for (int k = 0; k < kernelSize; k++) {
                int reach = Math.toIntExact((long) r + spec.padding() - (long) k * spec.dilation());
                if (Math.floorMod(reach, stride) == 0) {
                    ofPhase[count++] = new Tap(k, 0, reach / stride);
                }
            }
            taps[r] = Arrays.copyOf(ofPhase, count);
        }
        return new TapGeometry(spec.groups(), x, 1, y, stride, new int[] {0}, taps);
    }

    /** Columns from the first output to the last, gaps between segments included. */
    public long length() {
        return (batch - 1L) * period + columns;
    }

    /** Columns that a tile of outputs reads beyond its own number. */
    public int halo() {
        return maxShift - minShift;
    }
}
