// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.kernel;

import aulos.engine.Backend.Operand;
import aulos.engine.Kernel;
import aulos.engine.Shape;
import aulos.kernels.cpu.loop.Reductions;
import aulos.kernels.cpu.run.CpuBuffer;
import aulos.kernels.cpu.run.WorkerPool;
import java.util.Arrays;

/**
 * {@link Kernel.Sum}. Axes merge into kept and reduced ones in turn: [K₀, R₀, K₁, R₁, K₂]; where there is one more of each, as in rank 6, in two steps. At most
 * 64 terms are added one after the other in float32, in {@link Reductions#LANES} separate sums where the terms lie next to each
 * other; the rest is float64. The order is fixed by the shape alone, not by the vector width or the threads.
 */
public final class Sum {
    /** Terms that lie next to each other, or are computed from what does. */
    interface Terms {
        /** sums[i] = term offset + i + term offset + {@link Reductions#LANES} + i + …, {@code rows} terms, for i &lt; width. */
        void columns(int offset, int rows, int width, float[] sums);
    }

    /** A part of a sum that one thread adds; {@code lanes} is scratch of {@link Reductions#LANES}. */
    interface Piece {
        double sum(int index, float[] lanes);
    }

    /** Terms per piece of work along contiguous memory. */
    private static final int CHUNK = 16 * Reductions.LANES * Reductions.DEPTH;
    /** Columns per piece of work. */
    private static final int TILE = 512;

    private final float[] x;
    private final float[] y;
    private final int k0;
    private final int r0;
    private final int k1;
    private final int r1;
    private final int k2;

    private Sum(float[] x, float[] y, int[] sizes) {
        this.x = x;
        this.y = y;
        this.k0 = sizes[0];
        this.r0 = sizes[1];
        this.k1 = sizes[2];
        this.r1 = sizes[3];
        this.k2 = sizes[4];
    }

    public static void run(WorkerPool pool, Operand out, Operand[] in) {
        int[] sizes = sizes(in[0].shape(), out.shape());
        float[] x = CpuBuffer.values(in[0]);
        if (sizes[5] > 1) { // a third run of reduced axes, the innermost: it comes first
            int outer = sizes[0] * sizes[1] * sizes[2] * sizes[3] * sizes[4];
            float[] partly = new float[outer * sizes[6]];
            run(pool, x, partly, outer, sizes[5], sizes[6], 1, 1);
            x = partly;
        }
        run(pool, x, CpuBuffer.values(out), sizes[0], sizes[1], sizes[2], sizes[3], sizes[4] * sizes[6]);
    }

    private static void run(WorkerPool pool, float[] x, float[] y, int... sizes) {
        // [K₀, R₀, K₁, 1, K₂] is [K₀, 1, 1, R₀, K₁·K₂]
        Sum sum = new Sum(x, y,
                sizes[3] == 1 ? new int[] {sizes[0], 1, 1, sizes[1], sizes[2] * sizes[4]} : sizes);
        if (sum.k2 == 1) {
            sum.alongRuns(pool);
        } else {
            sum.acrossRows(pool);
        }
    }

    private static int[] sizes(Shape from, Shape to) {
        int[] sizes = {1, 1, 1, 1, 1, 1, 1};
        int slot = 0;
        for (int axis = 0; axis < from.rank(); axis++) {
            int dim = from.dim(axis);
            if (dim > 1) {
                boolean reduced = to.dim(axis) == 1;
                slot += reduced == (slot % 2 == 1) ? 0 : 1;
                sizes[slot] *= dim;
            }
        }
        return sizes;
    }

    /** Every output is the sum of R₀ runs of R₁ neighbours, in chunks. */
    private void alongRuns(WorkerPool pool) {
        int outputs = k0 * k1;
        int chunks = (r1 + CHUNK - 1) / CHUNK;
        int pieces = r0 * chunks;
        if (outputs >= 2 * pool.threads() || pieces == 1) {
            pool.rows(outputs, (long) r0 * r1, (from, to) -> {
                float[] lanes = new float[Reductions.LANES];
                for (int output = from; output < to; output++) {
                    double total = 0;
                    for (int piece = 0; piece < pieces; piece++) {
                        total += chunk(output, piece / chunks, piece % chunks, lanes);
                    }
                    y[output] = (float) total;
                }
            });
            return;
        }
        for (int i = 0; i < outputs; i++) {
            int output = i;
            y[output] = (float) ofPieces(pool, pieces, Math.min(r1, CHUNK),
                    (piece, lanes) -> chunk(output, piece / chunks, piece % chunks, lanes));
        }
    }

    /** Pieces that touch {@code cost} elements each, shared out among threads and added in order. */
    static double ofPieces(WorkerPool pool, int pieces, int cost, Piece piece) {
        double[] sums = new double[pieces];
        pool.rows(pieces, cost, (from, to) -> {
            float[] lanes = new float[Reductions.LANES];
            for (int i = from; i < to; i++) {
                sums[i] = piece.sum(i, lanes);
            }
        });
        double total = 0;
        for (double sum : sums) {
            total += sum;
        }
        return total;
    }

    private double chunk(int output, int r, int chunk, float[] lanes) {
        int start = ((output / k1 * r0 + r) * k1 + output % k1) * r1;
        int from = chunk * CHUNK;
        return ofRun((offset, rows, width, sums) -> Reductions.columns(x, offset, Reductions.LANES, rows, width, sums), start + from,
                Math.min(CHUNK, r1 - from), lanes);
    }

    /** Terms {@code offset} to offset + n − 1; {@code lanes} is scratch of {@link Reductions#LANES}. */
    static double ofRun(Terms terms, int offset, int n, float[] lanes) {
        double total = 0;
        int i = 0;
        while (n - i >= Reductions.LANES) {
            int depth = Math.min(Reductions.DEPTH, (n - i) / Reductions.LANES);
            terms.columns(offset + i, depth, Reductions.LANES, lanes);
            total += total(lanes);
            i += depth * Reductions.LANES;
        }
        int rest = n - i;
        terms.columns(offset + i, 1, rest, lanes);
        for (int lane = 0; lane < rest; lane++) {
            total += lanes[lane];
        }
        return total;
    }

    /** The sum of {@link Reductions#LANES} values, in four chains because one would wait for each addition. */
    static double total(float[] lanes) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        for (int i = 0; i < Reductions.LANES; i += 4) {
            a += lanes[i];
            b += lanes[i + 1];
            c += lanes[i + 2];
            d += lanes[i + 3];
        }
        return a + b + (c + d);
    }

    /** Every output is the sum of a column, R₀·R₁ rows high; neighbouring columns are summed together. */
    private void acrossRows(WorkerPool pool) {
        int tiles = (k2 + TILE - 1) / TILE;
        pool.rows(k0 * k1 * tiles, (long) r0 * r1 * Math.min(TILE, k2), (from, to) -> {
            float[] sums = new float[Math.min(TILE, k2)];
            double[] totals = new double[sums.length];
            for (int i = from; i < to; i++) {
                int left = i % tiles * TILE;
                tile(i / tiles, left, Math.min(TILE, k2 - left), sums, totals);
            }
        });
    }

    private void tile(int kept, int left, int width, float[] sums, double[] totals) {
        Arrays.fill(totals, 0);
        for (int r = 0; r < r0; r++) {
            int start = ((kept / k1 * r0 + r) * k1 + kept % k1) * r1 * k2 + left;
            for (int row = 0; row < r1; row += Reductions.DEPTH) {
                Reductions.columns(x, start + row * k2, k2, Math.min(Reductions.DEPTH, r1 - row), width, sums);
                for (int i = 0; i < width; i++) {
                    totals[i] += sums[i];
                }
            }
        }
        for (int i = 0; i < width; i++) {
            y[kept * k2 + left + i] = (float) totals[i];
        }
    }
}
