// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.kernel;

import aulos.engine.Backend.Operand;
import aulos.engine.Kernel;
import aulos.engine.Shape;
import aulos.kernels.cpu.run.CpuBuffer;
import aulos.kernels.cpu.run.WorkerPool;
import java.util.Arrays;
import java.util.List;

/**
 * {@link Kernel.StridedCopy} and {@link Kernel.StridedPlace}: one side is dense, the other strided; data only moves.
 */
public final class Strided {
    /** Edge of the blocks of a transpose: both sides of a block fit the L1 cache many times. */
    private static final int BLOCK = 32;

    private Strided() {}

    public static void copy(WorkerPool pool, Kernel.StridedCopy kernel, Operand out, Operand[] in) {
        Shape shape = out.shape();
        Axes axes = Axes.of(shape.dims(), shape.strides(), array(kernel.strides()));
        move(pool, axes, CpuBuffer.values(out), 0, CpuBuffer.values(in[0]), kernel.offset());
    }

    public static void place(WorkerPool pool, Kernel.StridedPlace kernel, Operand out, Operand[] in) {
        float[] y = CpuBuffer.values(out);
        pool.elements(out.shape().size(), (from, to) -> Arrays.fill(y, from, to, 0));
        Shape shape = in[0].shape();
        Axes axes = Axes.of(shape.dims(), array(kernel.strides()), shape.strides());
        move(pool, axes, y, kernel.offset(), CpuBuffer.values(in[0]), 0);
    }

    private static int[] array(List<Integer> strides) {
        return strides.stream().mapToInt(Integer::intValue).toArray();
    }

    /** to[toOffset + first offset] = from[fromOffset + second offset] for every index of {@code axes}. */
    private static void move(WorkerPool pool, Axes axes, float[] to, int toOffset, float[] from, int fromOffset) {
        int crossing = unitAxis(axes.second());
        if (axes.innerFirst() == 1 && axes.innerSecond() > 1 && crossing >= 0) {
            transpose(pool, axes.besideInner(crossing), to, toOffset, from, fromOffset);
            return;
        }
        crossing = unitAxis(axes.first());
        if (axes.innerSecond() == 1 && axes.innerFirst() > 1 && crossing >= 0) {
            transpose(pool, axes.besideInner(crossing).swapInner(), to, toOffset, from, fromOffset);
            return;
        }
        pool.elements(axes.size(), (start, end) -> runs(axes, to, toOffset, from, fromOffset, start, end));
    }

    /** An axis before the innermost with stride 1; −1 if there is none. */
    private static int unitAxis(int[] strides) {
        for (int i = 0; i < strides.length - 1; i++) {
            if (strides[i] == 1) {
                return i;
            }
        }
        return -1;
    }

    private static void runs(Axes axes, float[] to, int toOffset, float[] from, int fromOffset, int start, int end) {
        int inner = axes.inner();
        int toStep = axes.innerFirst();
        int fromStep = axes.innerSecond();
        for (int at = start; at < end; ) {
            int row = at / inner;
            int column = at % inner;
            int n = Math.min(end - at, inner - column);
            int t = toOffset + axes.firstOffset(row) + column * toStep;
            int f = fromOffset + axes.secondOffset(row) + column * fromStep;
            if (toStep == 1 && fromStep == 1) {
                System.arraycopy(from, f, to, t, n);
            } else if (toStep == 1 && fromStep == 0) {
                Arrays.fill(to, t, t + n, from[f]);
            } else {
                for (int i = 0; i < n; i++) {
                    to[t + i * toStep] = from[f + i * fromStep];
                }
            }
            at += n;
        }
    }

    /**
     * The innermost axis has stride 1 in {@code to}, the one before it in {@code from}: block by block, so that whole
     * cache lines are used.
     */
    static void transpose(WorkerPool pool, Axes axes, float[] to, int toOffset, float[] from, int fromOffset) {
        int columns = axes.inner();
        int rows = axes.dims()[axes.dims().length - 2];
        int pitch = axes.first()[axes.dims().length - 2];
        int bands = (rows + BLOCK - 1) / BLOCK;
        int matrices = axes.size() / rows / columns;
        pool.rows(matrices * bands, (long) BLOCK * columns, (start, end) -> {
            for (int band = start; band < end; band++) {
                int top = band % bands * BLOCK;
                int firstRow = band / bands * rows + top;
                band(to, toOffset + axes.firstOffset(firstRow), pitch, from, fromOffset + axes.secondOffset(firstRow),
                        axes.innerSecond(), Math.min(BLOCK, rows - top), columns);
            }
        });
    }

    /** to[t + i·pitch + j] = from[f + i + j·step] for i &lt; rows, j &lt; columns. */
    private static void band(float[] to, int t, int pitch, float[] from, int f, int step, int rows, int columns) {
        for (int left = 0; left < columns; left += BLOCK) {
            int width = Math.min(BLOCK, columns - left);
            for (int i = 0; i < rows; i++) {
                int target = t + i * pitch + left;
                int source = f + i + left * step;
                for (int j = 0; j < width; j++) {
                    to[target + j] = from[source + j * step];
                }
            }
        }
    }
}
