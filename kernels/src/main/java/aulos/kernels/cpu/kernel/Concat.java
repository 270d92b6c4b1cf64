// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.kernel;

import aulos.engine.Backend.Operand;
import aulos.engine.Kernel;
import aulos.kernels.cpu.run.CpuBuffer;
import aulos.kernels.cpu.run.Split;
import aulos.kernels.cpu.run.WorkerPool;
import java.util.Arrays;

/** {@link Kernel.Concat}: what one index of the outer axes spans in the output is a row of each input in turn. */
public final class Concat {
    private Concat() {}

    public static void run(WorkerPool pool, Kernel.Concat kernel, Operand out, Operand[] in) {
        int axis = kernel.axis();
        int[] lengths = Arrays.stream(in).mapToInt(x -> rowLength(x, axis)).toArray();
        int total = Arrays.stream(lengths).sum();
        float[][] xs = Arrays.stream(in).map(CpuBuffer::values).toArray(float[][]::new);
        float[] y = CpuBuffer.values(out);
        Split.elements(pool, out.shape().size(), (from, to) -> {
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
}
