// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.kernel;

import aulos.engine.Backend.Operand;
import aulos.engine.Kernel;
import aulos.kernels.cpu.run.CpuBuffer;
import aulos.kernels.cpu.run.Split;
import aulos.kernels.cpu.run.WorkerPool;

/** {@link Kernel.ReflectPad} and {@link Kernel.ReflectPadAdjoint}, row by row. */
public final class Reflect {
    private Reflect() {}

    public static void pad(WorkerPool pool, Kernel.ReflectPad kernel, Operand out, Operand[] in) {
        float[] x = CpuBuffer.values(in[0]);
        float[] y = CpuBuffer.values(out);
        int length = in[0].shape().dim(-1);
        int padded = out.shape().dim(-1);
        Split.rows(pool, out.shape().size() / padded, padded, (from, to) -> {
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

    public static void adjoint(WorkerPool pool, Kernel.ReflectPadAdjoint kernel, Operand out, Operand[] in) {
        float[] x = CpuBuffer.values(in[0]);
        float[] y = CpuBuffer.values(out);
        int length = out.shape().dim(-1);
        int padded = in[0].shape().dim(-1);
        Split.rows(pool, out.shape().size() / length, padded, (from, to) -> {
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
