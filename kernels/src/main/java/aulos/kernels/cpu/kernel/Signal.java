// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.kernel;

import aulos.engine.Backend.Operand;
import aulos.engine.Kernel;
import aulos.kernels.cpu.run.CpuBuffer;
import aulos.kernels.cpu.run.WorkerPool;
import java.util.Arrays;

/** {@link Kernel.Frame}, {@link Kernel.ReflectPad} and their adjoints, row by row. */
public final class Signal {
    /** Samples per piece of an overlap-add. */
    private static final int CHUNK = 8192;

    private Signal() {}

    public static void frame(WorkerPool pool, Kernel.Frame kernel, Operand out, Operand[] in) {
        float[] x = CpuBuffer.values(in[0]);
        float[] y = CpuBuffer.values(out);
        int length = in[0].shape().dim(-1);
        int frames = out.shape().dim(-2);
        int size = kernel.size();
        pool.rows(out.shape().size() / size, size, (from, to) -> {
            for (int row = from; row < to; row++) {
                System.arraycopy(x, row / frames * length + row % frames * kernel.hop(), y, row * size, size);
            }
        });
    }

    /** Shared out by output samples; each adds up its frames from the first to the last. */
    public static void overlapAdd(WorkerPool pool, Kernel.OverlapAdd kernel, Operand out, Operand[] in) {
        float[] x = CpuBuffer.values(in[0]);
        float[] y = CpuBuffer.values(out);
        int length = out.shape().dim(-1);
        int frames = in[0].shape().dim(-2);
        int chunks = (length + CHUNK - 1) / CHUNK;
        long cost = (long) Math.min(CHUNK, length) * (1 + kernel.size() / kernel.hop());
        pool.rows(out.shape().size() / length * chunks, cost, (from, to) -> {
            for (int i = from; i < to; i++) {
                int start = i % chunks * CHUNK;
                chunk(kernel, x, i / chunks * frames, frames, y, i / chunks * length, start,
                        Math.min(length, start + CHUNK));
            }
        });
    }

    private static void chunk(Kernel.OverlapAdd kernel, float[] x, int firstFrame, int frames, float[] y, int row,
            int start, int end) {
        int size = kernel.size();
        int hop = kernel.hop();
        Arrays.fill(y, row + start, row + end, 0);
        int first = Math.max(0, (start - size) / hop);
        for (int f = first; f < frames && f * hop < end; f++) {
            int from = Math.max(start, f * hop);
            int n = Math.min(end, f * hop + size) - from;
            int source = (firstFrame + f) * size + from - f * hop;
            for (int i = 0; i < n; i++) {
                y[row + from + i] += x[source + i];
            }
        }
    }

    public static void reflectPad(WorkerPool pool, Kernel.ReflectPad kernel, Operand out, Operand[] in) {
        float[] x = CpuBuffer.values(in[0]);
        float[] y = CpuBuffer.values(out);
        int length = in[0].shape().dim(-1);
        int padded = out.shape().dim(-1);
        pool.rows(out.shape().size() / padded, padded, (from, to) -> {
            for (int row = from; row < to; row++) {
                int first = row * length;
                int middle = row * padded + kernel.left();
                System.arraycopy(x, first, y, middle, length);
                for (int i = 1; i <= kernel.left(); i++) {
                    y[middle - i] = x[first + i];
                }
                int last = length - 1;
                for (int i = 1; i <= kernel.right(); i++) {
                    y[middle + last + i] = x[first + last - i];
                }
            }
        });
    }

    public static void reflectPadAdjoint(WorkerPool pool, Kernel.ReflectPadAdjoint kernel, Operand out, Operand[] in) {
        float[] x = CpuBuffer.values(in[0]);
        float[] y = CpuBuffer.values(out);
        int length = out.shape().dim(-1);
        int padded = in[0].shape().dim(-1);
        pool.rows(out.shape().size() / length, padded, (from, to) -> {
            for (int row = from; row < to; row++) {
                int first = row * length;
                int middle = row * padded + kernel.left();
                System.arraycopy(x, middle, y, first, length);
                for (int i = 1; i <= kernel.left(); i++) {
                    y[first + i] += x[middle - i];
                }
                int last = length - 1;
                for (int i = 1; i <= kernel.right(); i++) {
                    y[first + last - i] += x[middle + last + i];
                }
            }
        });
    }
}
