// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu;

import aulos.engine.ConvSpec;
import aulos.engine.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A convolution, or a transposed one, seen as sums over taps on one long time axis:
 *
 * <pre>out[o, j·outStride + r] = Σ over c, taps of phase r of w[o, c, tap.index] · in[c, tap.row][j + tap.shift]</pre>
 *
 * where in[c, row] is the phase {@code phases[row]} of input channel c: its samples m·inStride + phase. A strided
 * convolution has several input phases and one output phase, a transposed one the reverse; so both read and compute
 * contiguous vectors.
 *
 * <p>The segments of a batch lie one after the other on that axis, {@code period} columns apart. The gap between them is
 * as wide as the taps reach and reads as zero, so short segments still fill vectors; the columns of the gap are computed
 * and thrown away.
 */
final class TapGeometry {

    /** One factor of the sum: kernel position {@code index} meets input row {@code row}, {@code shift} columns on. */
    record Tap(int index, int row, int shift) {}

    final int batch;
    final int groups;
    /** Channels of one group. */
    final int inRows;
    final int inLength;
    final int inStride;
    /** Channels of one group. */
    final int outRows;
    final int outLength;
    final int outStride;
    final int kernelSize;
    /** The input phases that some tap reads, ascending. */
    final int[] phases;
    /** For every output phase its taps, in ascending order of {@link Tap#index}. */
    final List<List<Tap>> taps;
    final int minShift;
    final int maxShift;
    /** Columns of one segment that hold outputs. */
    final int columns;
    final int period;

    private TapGeometry(int groups, Shape in, int inStride, Shape out, int outStride, int kernelSize, int[] phases,
            List<List<Tap>> taps) {
        this.batch = in.dim(0);
        this.groups = groups;
        this.inRows = in.dim(1) / groups;
        this.inLength = in.dim(2);
        this.inStride = inStride;
        this.outRows = out.dim(1) / groups;
        this.outLength = out.dim(2);
        this.outStride = outStride;
        this.kernelSize = kernelSize;
        this.phases = phases;
        this.taps = taps;
        this.minShift = taps.stream().flatMap(List::stream).mapToInt(Tap::shift).min().orElseThrow();
        this.maxShift = taps.stream().flatMap(List::stream).mapToInt(Tap::shift).max().orElseThrow();
        this.columns = Math.ceilDiv(outLength, outStride);
        int inColumns = Math.ceilDiv(inLength, inStride);
        this.period = Math.max(Math.addExact(columns, Math.max(maxShift, 0)),
                Math.subtractExact(inColumns, Math.min(minShift, 0)));
    }

    /** x [B, Cin, T] convolved to y [B, Cout, T′]: sample t·s + k·d − p is column t + ⌊(k·d − p)/s⌋ of a phase. */
    static TapGeometry convolution(ConvSpec spec, int kernelSize, Shape x, Shape y) {
        int stride = spec.stride();
        int[] reach = new int[kernelSize];
        for (int k = 0; k < kernelSize; k++) {
            reach[k] = Math.toIntExact((long) k * spec.dilation() - spec.padding());
        }
        int[] phases = Arrays.stream(reach).map(q -> Math.floorMod(q, stride)).distinct().sorted().toArray();
        List<Tap> taps = new ArrayList<>();
        for (int k = 0; k < kernelSize; k++) {
            int row = Arrays.binarySearch(phases, Math.floorMod(reach[k], stride));
            taps.add(new Tap(k, row, Math.floorDiv(reach[k], stride)));
        }
        return new TapGeometry(spec.groups(), x, stride, y, 1, kernelSize, phases, List.of(taps));
    }

    /**
     * x [B, Cout, T′] convolved back to y [B, Cin, T]: output j·s + r receives tap k from column j + (r + p − k·d)/s
     * whenever that is whole.
     */
    static TapGeometry transposed(ConvSpec spec, int kernelSize, Shape x, Shape y) {
        int stride = spec.stride();
        List<List<Tap>> taps = new ArrayList<>();
        for (int r = 0; r < stride; r++) {
            List<Tap> ofPhase = new ArrayList<>();
            for (int k = 0; k < kernelSize; k++) {
                int reach = Math.toIntExact((long) r + spec.padding() - (long) k * spec.dilation());
                if (Math.floorMod(reach, stride) == 0) {
                    ofPhase.add(new Tap(k, 0, reach / stride));
                }
            }
            taps.add(ofPhase);
        }
        return new TapGeometry(spec.groups(), x, 1, y, stride, kernelSize, new int[] {0}, taps);
    }

    /** Columns from the first output to the last, gaps between segments included. */
    long length() {
        return (batch - 1L) * period + columns;
    }

    /** Columns that a tile of outputs reads beyond its own number. */
    int halo() {
        return maxShift - minShift;
    }

    /** How many columns of input phase {@code row} lie inside a segment; the others are zero. */
    int filledColumns(int row) {
        return Math.max(0, Math.ceilDiv(inLength - phases[row], inStride));
    }
}
