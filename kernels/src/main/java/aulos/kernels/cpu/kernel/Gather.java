// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.kernel;

import aulos.engine.Backend.Operand;
import aulos.engine.Kernel;
import aulos.engine.Shape;
import aulos.kernels.cpu.run.CpuBuffer;
import aulos.kernels.cpu.run.Split;
import aulos.kernels.cpu.run.WorkerPool;
import java.util.Arrays;
import java.util.List;

/** {@link Kernel.Gather} and its adjoint: the table is [outer, length, inner], and rows of {@code inner} are moved. */
public final class Gather {
    private Gather() {}

    public static void run(WorkerPool pool, Kernel.Gather kernel, Operand out, Operand[] in) {
        Shape table = in[0].shape();
        int length = table.dim(kernel.axis());
        int inner = table.strides()[kernel.axis()];
        int[] indices = array(kernel.indices());
        float[] x = CpuBuffer.values(in[0]);
        float[] y = CpuBuffer.values(out);
        Split.rows(pool, out.shape().size() / inner, inner, (from, to) -> {
            for (int row = from; row < to; row++) {
                int source = row / indices.length * length + indices[row % indices.length];
                System.arraycopy(x, source * inner, y, row * inner, inner);
            }
        });
    }

    public static void adjoint(WorkerPool pool, Kernel.ScatterAdd kernel, Operand out, Operand[] in) {
        int length = out.shape().dim(kernel.axis());
        int inner = out.shape().strides()[kernel.axis()];
        int[] indices = array(kernel.indices());
        float[] x = CpuBuffer.values(in[0]);
        float[] y = CpuBuffer.values(out);
        Split.rows(pool, out.shape().size() / length / inner, (long) (length + indices.length) * inner, (from, to) -> {
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
