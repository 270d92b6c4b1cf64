// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.kernel;

import aulos.engine.Backend.Operand;
import aulos.engine.Kernel;
import aulos.engine.Shape;
import aulos.kernels.cpu.loop.MicroTile;
import aulos.kernels.cpu.loop.PanelTile;
import aulos.kernels.cpu.loop.Reductions;
import aulos.kernels.cpu.run.BufferPool;
import aulos.kernels.cpu.run.CpuBuffer;
import aulos.kernels.cpu.run.WorkerPool;
import java.util.Arrays;

/**
 * {@link Kernel.Matmul}. B is repacked into panels of {@link #PANEL} columns, padded with zeros, so that transposed or
 * not it is read front to back; A is read in place, row by row, and repacked only if it is transposed. Each element is
 * one chain of fused multiply-adds over the inner dimension, in order; only the product of a row with a transposed
 * matrix, which is memory-bound, is summed in separate lanes.
 */
public final class Matmul {
    private static final int PANEL = PanelTile.WIDTH;
    /** Rows that the innermost loop computes at once. */
    static final int TILE = 6;
    /** Rows per piece of work. */
    private static final int BLOCK = 8 * TILE;

    private final WorkerPool pool;
    private final int batch;
    private final int m;
    private final int n;
    private final int depth;

    private Matmul(WorkerPool pool, int batch, int m, int n, int depth) {
        this.pool = pool;
        this.batch = batch;
        this.m = m;
        this.n = n;
        this.depth = depth;
    }

    public static void run(WorkerPool pool, BufferPool buffers, Kernel.Matmul kernel, Operand out, Operand[] in) {
        Shape y = out.shape();
        int batch = y.rank() == 3 ? y.dim(0) : 1;
        int m = y.dim(-2);
        int n = y.dim(-1);
        int depth = in[0].shape().dim(kernel.transposeA() ? -2 : -1);
        float[] a = CpuBuffer.values(in[0]);
        float[] b = CpuBuffer.values(in[1]);
        float[] c = CpuBuffer.values(out);
        if (n == 1) { // (A·b)ᵀ = bᵀ·Aᵀ, and vectors are the same transposed
            new Matmul(pool, batch, 1, m, depth).run(buffers, b, false, a, !kernel.transposeA(), c);
        } else {
            new Matmul(pool, batch, m, n, depth).run(buffers, a, kernel.transposeA(), b, kernel.transposeB(), c);
        }
    }

    private void run(BufferPool buffers, float[] a, boolean transposeA, float[] b, boolean transposeB, float[] c) {
        if (m == 1 && transposeB) {
            dots(a, b, c);
            return;
        }
        if (m == 1) {
            rowTimesMatrix(a, b, c);
            return;
        }
        CpuBuffer rows = transposeA ? buffers.take(Math.multiplyExact(batch, m * depth)) : null;
        int panels = (n + PANEL - 1) / PANEL;
        CpuBuffer packed = buffers.take(Math.multiplyExact(batch * panels, depth * PANEL));
        if (rows != null) {
            transpose(a, rows.values);
        }
        pool.rows(batch * panels, (long) depth * PANEL, (from, to) -> {
            for (int i = from; i < to; i++) {
                pack(b, i / panels * depth * n, i % panels * PANEL, transposeB, packed.values, i * depth * PANEL);
            }
        });
        float[] left = rows != null ? rows.values : a;
        int blocks = (m + BLOCK - 1) / BLOCK;
        pool.rows(batch * blocks * panels, (long) depth * PANEL, (from, to) -> {
            float[] edge = new float[TILE * PANEL];
            for (int i = from; i < to; i++) {
                int panel = i % panels;
                int top = i / panels % blocks * BLOCK;
                int item = i / panels / blocks;
                block(left, item * m * depth, packed.values, (item * panels + panel) * depth * PANEL, c, item, top,
                        panel * PANEL, edge);
            }
        });
        buffers.give(packed);
        if (rows != null) {
            buffers.give(rows);
        }
    }

    private void block(float[] a, int ao, float[] b, int bo, float[] c, int item, int top, int column,
            float[] edge) {
        int width = Math.min(PANEL, n - column);
        for (int row = top; row < Math.min(top + BLOCK, m); row += TILE) {
            int rows = Math.min(TILE, m - row);
            int co = (item * m + row) * n + column;
            if (width == PANEL) {
                PanelTile.run(a, ao + row * depth, rows, b, bo, depth, c, co, n);
            } else {
                PanelTile.run(a, ao + row * depth, rows, b, bo, depth, edge, 0, PANEL);
                for (int i = 0; i < rows; i++) {
                    System.arraycopy(edge, i * PANEL, c, co + i * n, width);
                }
            }
        }
    }

    private void pack(float[] b, int bo, int column, boolean transposed, float[] panel, int po) {
        int width = Math.min(PANEL, n - column);
        if (width < PANEL) {
            Arrays.fill(panel, po, po + depth * PANEL, 0);
        }
        if (transposed) {
            for (int j = 0; j < width; j++) {
                int row = bo + (column + j) * depth;
                for (int k = 0; k < depth; k++) {
                    panel[po + k * PANEL + j] = b[row + k];
                }
            }
        } else {
            for (int k = 0; k < depth; k++) {
                System.arraycopy(b, bo + k * n + column, panel, po + k * PANEL, width);
            }
        }
    }

    /** [batch, depth, m] → [batch, m, depth]. */
    private void transpose(float[] a, float[] rows) {
        Axes axes = new Axes(new int[] {batch, m, depth}, new int[] {m * depth, depth, 1},
                new int[] {m * depth, 1, m});
        Strided.transpose(pool, axes, rows, 0, a, 0);
    }

    /** In place: a matrix that is used for one row is not worth packing. */
    private void rowTimesMatrix(float[] a, float[] b, float[] c) {
        MicroTile tile = MicroTile.forRows(1);
        int[] rows = new int[depth];
        Arrays.setAll(rows, k -> k * n);
        float[] zero = new float[1];
        int pieces = Math.ceilDiv(n, tile.width());
        pool.run(batch * pieces, (index, worker) -> {
            int item = index / pieces;
            int column = index % pieces * tile.width();
            int bo = item * depth * n + column;
            int co = item * n + column;
            if (column + tile.width() <= n) {
                tile.run(b, bo, rows, depth, a, item * depth, zero, 0, c, co, 0);
            } else {
                MicroTile.row(n - column, b, bo, rows, depth, a, item * depth, 0, c, co);
            }
        });
    }

    private void dots(float[] a, float[] b, float[] c) {
        pool.rows(batch * n, depth, (from, to) -> {
            float[] lanes = new float[Reductions.LANES];
            for (int i = from; i < to; i++) {
                c[i] = dot(a, i / n * depth, b, i * depth, depth, lanes);
            }
        });
    }

    /** Σ a[ao + k]·b[bo + k] over k &lt; depth; {@code lanes} is scratch of {@link Reductions#LANES}. */
    static float dot(float[] a, int ao, float[] b, int bo, int depth, float[] lanes) {
        double total = 0;
        int k = 0;
        while (depth - k >= Reductions.LANES) {
            int rows = Math.min(Reductions.DEPTH, (depth - k) / Reductions.LANES);
            Reductions.dots(a, ao + k, b, bo + k, rows, Reductions.LANES, lanes);
            total += Sum.total(lanes);
            k += rows * Reductions.LANES;
        }
        for (; k < depth; k++) {
            total += (double) a[ao + k] * b[bo + k];
        }
        return (float) total;
    }
}
