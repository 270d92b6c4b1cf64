// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.kernel;

import aulos.engine.Backend.Operand;
import aulos.engine.Kernel;
import aulos.engine.Shape;
import aulos.kernels.cpu.run.CpuBuffer;
import aulos.kernels.cpu.run.WorkerPool;
import java.util.Arrays;
import java.util.List;

/** {@link Kernel.Concat}, {@link Kernel.Gather} and its adjoint: whole rows are moved. */
public final class RowMoves {
    private RowMoves() {}

    /** What one index of the outer axes spans in the output is a row of each input in turn. */
    public static void concat(WorkerPool pool, Kernel.Concat kernel, Operand out, Operand[] in) {
        int axis = kernel.axis();
        int[] lengths = Arrays.stream(in).mapToInt(x -> rowLength(x, axis)).toArray();
        int total = Arrays.stream(lengths).sum();
        float[][] xs = Arrays.stream(in).map(CpuBuffer::values).toArray(float[][]::new);
        float[] y = CpuBuffer.values(out);
        pool.elements(out.shape().size(), (from, to) -> {
            for (int at = from; at < to; ) {
                int input = 0;
                int column = at % total;
                while (column >= lengths[input]) {
                    column -= lengths[input++];
                }
                int n = Math.min(to - at, lengths[input] - column);
                System.arraycopy(xs[input], at / total * lengths[input] + column, y, at, n);
                at += n;
            }
        });
    }

    private static int rowLength(Operand x, int axis) {
        int length = 1;
        for (int i = axis; i < x.shape().rank(); i++) {
            length *= x.shape().dim(i);
        }
        return length;
    }

    /** The table is [outer, length, inner], and rows of {@code inner} are moved. */
    public static void gather(WorkerPool pool, Kernel.Gather kernel, Operand out, Operand[] in) {
        Shape table = in[0].shape();
        int length = table.dim(kernel.axis());
        int inner = table.strides()[kernel.axis()];
        int[] indices = array(kernel.indices());
        float[] x = CpuBuffer.values(in[0]);
        float[] y = CpuBuffer.values(out);
        pool.rows(out.shape().size() / inner, inner, (from, to) -> {
            for (int row = from; row < to; row++) {
                int source = row / indices.length * length + indices[row % indices.length];
                System.arraycopy(x, source * inner, y, row * inner, inner);
            }
        });
    }

    public static void scatterAdd(WorkerPool pool, Kernel.ScatterAdd kernel, Operand out, Operand[] in) {
        int length = out.shape().dim(kernel.axis());
        int inner = out.shape().strides()[kernel.axis()];
        int[] indices = array(kernel.indices());
        float[] x = CpuBuffer.values(in[0]);
        float[] y = CpuBuffer.values(out);
        pool.rows(out.shape().size() / length / inner, (long) (length + indices.length) * inner, (from, to) -> {
            for (int outer = from; outer < to; outer++) {
                int table = outer * length * inner;
                Arrays.fill(y, table, table + length * inner, 0);
                for (int j = 0; j < indices.length; j++) {
                    int source = (outer * indices.length + j) * inner;
                    int target = table + indices[j] * inner;
                    for (int i = 0; i < inner; i++) {
                        y[target + i] += x[source + i];
                    }
                }
            }
        });
    }

    private static int[] array(List<Integer> values) {
        return values.stream().mapToInt(Integer::intValue).toArray();
    }
}
