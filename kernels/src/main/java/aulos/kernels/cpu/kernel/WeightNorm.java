// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.kernel;

import aulos.engine.Backend.Operand;
import aulos.kernels.cpu.loop.Reductions;
import aulos.kernels.cpu.run.BufferPool;
import aulos.kernels.cpu.run.CpuBuffer;
import aulos.kernels.cpu.run.WorkerPool;

/**
 * {@link aulos.engine.Kernel.WeightNorm}, its gradient and {@link aulos.engine.Kernel.RowProjection}. A row is read again
 * while it is in cache, so each operand passes through memory once. What is summed over a row is kept for the next
 * kernel: the norms of v beside v; the products of v and x, which the gradients in v and in g both need, beside x. The
 * bits are those of the formula put together from products of rows ({@link Matmul}), roots and pointwise kernels.
 */
public final class WeightNorm {
    /** What the norms of so many rows are kept for. */
    private record Norms(int rows) {}

    /** Work on the row that begins at {@code at}; {@code lanes} is scratch. */
    private interface Row {
        void run(int row, int at, float norm, float[] lanes);
    }

    private final WorkerPool pool;
    private final BufferPool buffers;

    public WeightNorm(WorkerPool pool, BufferPool buffers) {
        this.pool = pool;
        this.buffers = buffers;
    }

    public void forward(Operand out, Operand[] in) {
        float[] v = CpuBuffer.values(in[0]);
        float[] g = CpuBuffer.values(in[1]);
        float[] w = CpuBuffer.values(out);
        int width = width(in[0]);
        rows(in[0], 2, (row, at, norm, lanes) -> scale(v, at, g[row] / norm, w, width));
    }

    public void gradient(Operand out, Operand[] in) {
        float[] v = CpuBuffer.values(in[0]);
        float[] g = CpuBuffer.values(in[1]);
        float[] x = CpuBuffer.values(in[2]);
        float[] y = CpuBuffer.values(out);
        int width = width(in[0]);
        CpuBuffer dots = buffers.take(in[0].shape().dim(0));
        CpuBuffer norms = rows(in[0], 3, (row, at, norm, lanes) -> {
            float dot = Matmul.dot(v, at, x, at, width, lanes);
            float scale = g[row] / norm;
            dots.values[row] = dot;
            combine(x, scale, v, -(dot * scale / norm / norm), y, at, width);
        });
        // Under the norms: if v changes, they go, and these are not found again.
        buffers.keepDerived((CpuBuffer) in[2].buffer(), norms, dots);
    }

    public void projection(Operand out, Operand[] in) {
        float[] v = CpuBuffer.values(in[0]);
        float[] x = CpuBuffer.values(in[1]);
        float[] y = CpuBuffer.values(out);
        int rows = out.shape().size();
        int width = width(in[0]);
        CpuBuffer norms = ((CpuBuffer) in[0].buffer()).derived(new Norms(rows));
        CpuBuffer dots = norms == null ? null : ((CpuBuffer) in[1].buffer()).derived(norms);
        if (dots == null) {
            rows(in[0], 2, (row, at, norm, lanes) -> y[row] = Matmul.dot(v, at, x, at, width, lanes) / norm);
            return;
        }
        for (int row = 0; row < rows; row++) {
            y[row] = dots.values[row] / norms.values[row];
        }
    }

    private static int width(Operand v) {
        return v.shape().size() / v.shape().dim(0);
    }

    /** Runs {@code body} on every row of {@code v}, one of {@code operands} of that size; returns the rows' norms. */
    private CpuBuffer rows(Operand v, int operands, Row body) {
        float[] values = CpuBuffer.values(v);
        CpuBuffer buffer = (CpuBuffer) v.buffer();
        int rows = v.shape().dim(0);
        int width = width(v);
        Norms key = new Norms(rows);
        CpuBuffer kept = buffer.derived(key);
        CpuBuffer norms = kept != null ? kept : buffers.take(rows);
        pool.rows(rows, (long) operands * width, (from, to) -> {
            float[] lanes = new float[Reductions.LANES];
            for (int row = from; row < to; row++) {
                int at = row * width;
                if (kept == null) {
                    norms.values[row] = (float) Math.sqrt(Matmul.dot(values, at, values, at, width, lanes));
                }
                body.run(row, at, norms.values[row], lanes);
            }
        });
        if (kept == null) {
            buffers.keepDerived(buffer, key, norms);
        }
        return norms;
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
