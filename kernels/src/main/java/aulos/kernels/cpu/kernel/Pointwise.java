// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.kernel;

import aulos.engine.Backend.Operand;
import aulos.engine.Kernel;
import aulos.engine.PointwiseFunction;
import aulos.engine.Shape;
import aulos.kernels.cpu.loop.PointwiseLoops;
import aulos.kernels.cpu.run.CpuBuffer;
import aulos.kernels.cpu.run.WorkerPool;
import java.util.Arrays;

/**
 * {@link Kernel.Pointwise}. The loops proper ({@link PointwiseLoops}) see plain runs of equal
 * length. An operand that is broadcast along the run is spread into a short array first, which stays in the L1 cache.
 */
public final class Pointwise {
    private static final int SPREAD = 1024;

    private Pointwise() {}

    public static void run(WorkerPool pool, Kernel.Pointwise kernel, Operand out, Operand[] in) {
        Shape shape = out.shape();
        Operand first = in[0];
        // A function of one argument reads its argument twice, the second time in vain.
        Operand second = in[kernel.function().arity() - 1];
        Axes axes = Axes.of(shape.dims(), strides(first.shape(), shape), strides(second.shape(), shape));
        float[] y = CpuBuffer.values(out);
        float[] x = CpuBuffer.values(first);
        float[] g = CpuBuffer.values(second);
        pool.elements(shape.size(), (from, to) -> piece(kernel, axes, x, g, y, from, to));
    }

    private static int[] strides(Shape from, Shape to) {
        int[] own = from.strides();
        int[] strides = new int[to.rank()];
        for (int i = 1; i <= from.rank(); i++) {
            strides[to.rank() - i] = from.dim(-i) == 1 ? 0 : own[from.rank() - i];
        }
        return strides;
    }

    private static void piece(Kernel.Pointwise kernel, Axes axes, float[] x, float[] g, float[] y, int from, int to) {
        PointwiseFunction function = kernel.function();
        float a = (float) kernel.a();
        float b = (float) kernel.b();
        int inner = axes.inner();
        Spread xs = axes.innerFirst() == 0 && inner > 1 ? new Spread(x, inner) : null;
        Spread gs = axes.innerSecond() == 0 && inner > 1 ? new Spread(g, inner) : null;
        int step = xs != null || gs != null ? Math.min(inner, SPREAD) : inner;
        for (int at = from; at < to; ) {
            int row = at / inner;
            int column = at % inner;
            int n = Math.min(to - at, Math.min(inner - column, step));
            float[] xv = xs == null ? x : xs.of(axes.firstOffset(row));
            int xo = xs == null ? axes.firstOffset(row) + column : 0;
            float[] gv = gs == null ? g : gs.of(axes.secondOffset(row));
            int go = gs == null ? axes.secondOffset(row) + column : 0;
            PointwiseLoops.run(function, a, b, xv, xo, gv, go, y, at, n);
            at += n;
        }
    }

    /** One value of an array, repeated; it remembers which. */
    private static final class Spread {
        private final float[] source;
        private final float[] copies;
        private int current = -1;

        Spread(float[] source, int inner) {
            this.source = source;
            this.copies = new float[Math.min(inner, SPREAD)];
        }

        float[] of(int index) {
            if (index != current) {
                current = index;
                Arrays.fill(copies, source[index]);
            }
            return copies;
        }
    }
}
