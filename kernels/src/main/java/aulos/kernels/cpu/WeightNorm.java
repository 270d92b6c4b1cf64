// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu;

import aulos.engine.Backend.Operand;

/**
 * {@link aulos.engine.Kernel.WeightNorm}, its gradient and {@link aulos.engine.Kernel.RowProjection}. A row is read again
 * while it is in cache, so each operand passes through memory once. The bits are those of the formula put together from
 * products of rows ({@link Matmul}), roots and pointwise kernels.
 */
final class WeightNorm {
    private WeightNorm() {}

    static void forward(WorkerPool pool, Operand out, Operand[] in) {
        float[] g = CpuBackend.values(in[0]);
        float[] v = CpuBackend.values(in[1]);
        float[] w = CpuBackend.values(out);
        int rows = in[0].shape().size();
        int width = out.shape().size() / rows;
        Split.rows(pool, rows, 2L * width, (from, to) -> {
            float[] lanes = new float[Sum.LANES];
            for (int row = from; row < to; row++) {
                scale(v, row * width, g[row] / norm(v, row * width, width, lanes), w, width);
            }
        });
    }

    static void gradient(WorkerPool pool, Operand out, Operand[] in) {
        float[] g = CpuBackend.values(in[0]);
        float[] v = CpuBackend.values(in[1]);
        float[] x = CpuBackend.values(in[2]);
        float[] y = CpuBackend.values(out);
        int rows = in[0].shape().size();
        int width = out.shape().size() / rows;
        Split.rows(pool, rows, 3L * width, (from, to) -> {
            float[] lanes = new float[Sum.LANES];
            for (int row = from; row < to; row++) {
                int at = row * width;
                float norm = norm(v, at, width, lanes);
                float scale = g[row] / norm;
                float along = -(Matmul.dot(v, at, x, at, width, lanes) * scale / norm / norm);
                combine(x, scale, v, along, y, at, width);
            }
        });
    }

    static void projection(WorkerPool pool, Operand out, Operand[] in) {
        float[] v = CpuBackend.values(in[0]);
        float[] x = CpuBackend.values(in[1]);
        float[] y = CpuBackend.values(out);
        int rows = out.shape().size();
        int width = in[0].shape().size() / rows;
        Split.rows(pool, rows, 2L * width, (from, to) -> {
            float[] lanes = new float[Sum.LANES];
            for (int row = from; row < to; row++) {
                int at = row * width;
                y[row] = Matmul.dot(v, at, x, at, width, lanes) / norm(v, at, width, lanes);
            }
        });
    }

    private static float norm(float[] v, int at, int width, float[] lanes) {
        return (float) Math.sqrt(Matmul.dot(v, at, v, at, width, lanes));
    }

    /** In a form that the compiler vectorises by itself, as the next. */
    private static void scale(float[] v, int at, float factor, float[] w, int width) {
        for (int i = at; i < at + width; i++) {
            w[i] = v[i] * factor;
        }
    }

    private static void combine(float[] x, float scale, float[] v, float along, float[] y, int at, int width) {
        for (int i = at; i < at + width; i++) {
            y[i] = x[i] * scale + v[i] * along;
        }
    }
}
