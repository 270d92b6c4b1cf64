// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.kernel;

import aulos.engine.Backend.Operand;
import aulos.engine.Kernel;
import aulos.engine.Shape;
import aulos.kernels.cpu.run.CpuBuffer;
import aulos.kernels.cpu.run.WorkerPool;

/** {@link Kernel.Max}, in plain loops: no step of HiFi-GAN has one. */
public final class Max {
    private Max() {}

    public static void run(WorkerPool pool, Operand out, Operand[] in) {
        Shape from = in[0].shape();
        Shape to = out.shape();
        float[] x = CpuBuffer.values(in[0]);
        float[] y = CpuBuffer.values(out);
        int[] dims = from.dims();
        int[] strides = from.strides();
        pool.rows(to.size(), from.size() / to.size(), (first, last) -> {
            for (int i = first; i < last; i++) {
                y[i] = largest(x, start(to, strides, i), to, dims, strides, 0);
            }
        });
    }

    /** Where the elements of output {@code index} begin. */
    private static int start(Shape to, int[] strides, int index) {
        int at = 0;
        for (int axis = to.rank() - 1; axis >= 0; axis--) {
            at += index % to.dim(axis) * strides[axis];
            index /= to.dim(axis);
        }
        return at;
    }

    /** Over the reduced axes from {@code axis} on. */
    private static float largest(float[] x, int at, Shape to, int[] dims, int[] strides, int axis) {
        if (axis == dims.length) {
            return x[at];
        }
        int count = to.dim(axis) == 1 ? dims[axis] : 1;
        float result = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < count; i++) {
            result = Math.max(result, largest(x, at + i * strides[axis], to, dims, strides, axis + 1));
        }
        return result;
    }
}
