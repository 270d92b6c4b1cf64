// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop;

import aulos.engine.PointwiseFunction;
import aulos.kernels.cpu.loop.plain.MatmulScalar;
import aulos.kernels.cpu.loop.plain.MeanAbsoluteErrorScalar;
import aulos.kernels.cpu.loop.plain.PointwiseScalar;
import aulos.kernels.cpu.loop.plain.SumScalar;
import aulos.kernels.cpu.loop.warm.MatmulVector;
import aulos.kernels.cpu.loop.warm.MeanAbsoluteErrorVector;
import aulos.kernels.cpu.loop.warm.PointwiseVector;
import aulos.kernels.cpu.loop.warm.SumVector;
import aulos.kernels.cpu.run.Simd;

/** The loops of kernels that are not convolutions: of vectors or plain ones, whichever this JVM runs. */
public final class Loops {
    private Loops() {}

    /** y[yo + i] = f(xs[xo + i], zs[zo + i]) for i &lt; n. */
    public static void pointwise(PointwiseFunction function, float a, float b, float[] xs, int xo, float[] zs, int zo,
            float[] y, int yo, int n) {
        if (Simd.ENABLED) {
            PointwiseVector.run(function, a, b, xs, xo, zs, zo, y, yo, n);
        } else {
            PointwiseScalar.run(function, a, b, xs, xo, zs, zo, y, yo, n);
        }
    }

    /** sums[i] = x[offset + i] + x[offset + stride + i] + …, {@code rows} terms, for i &lt; width. */
    public static void columns(float[] x, int offset, int stride, int rows, int width, float[] sums) {
        if (Simd.ENABLED) {
            SumVector.columns(x, offset, stride, rows, width, sums);
        } else {
            SumScalar.columns(x, offset, stride, rows, 0, width, sums);
        }
    }

    /** As {@link #columns} of |a − b|, rows {@link SumScalar#LANES} apart. */
    public static void distances(float[] a, float[] b, int offset, int rows, int width, float[] sums) {
        if (Simd.ENABLED) {
            MeanAbsoluteErrorVector.columns(a, b, offset, rows, width, sums);
        } else {
            MeanAbsoluteErrorScalar.columns(a, b, offset, rows, 0, width, sums);
        }
    }

    /** y[i] = sign(a[i] − b[i])·factor for i from {@code from} to to − 1. */
    public static void signs(float[] a, float[] b, float factor, float[] y, int from, int to) {
        if (Simd.ENABLED) {
            MeanAbsoluteErrorVector.signs(a, b, factor, y, from, to);
        } else {
            MeanAbsoluteErrorScalar.signs(a, b, factor, y, from, to);
        }
    }

    /** C[i, j] = Σ over k of A[i, k]·B[k, j] for six rows at most and {@link MatmulScalar#PANEL} columns. */
    public static void panel(float[] a, int ao, int rows, float[] b, int bo, int depth, float[] c, int co, int pitch) {
        if (Simd.ENABLED) {
            MatmulVector.tile(a, ao, rows, b, bo, depth, c, co, pitch);
        } else {
            MatmulScalar.tile(a, ao, rows, b, bo, depth, c, co, pitch);
        }
    }

    /** lanes[l] = Σ over r &lt; rows of a[ao + r·64 + l]·b[bo + r·64 + l], 64 being {@link SumScalar#LANES}. */
    public static void dots(float[] a, int ao, float[] b, int bo, int rows, float[] lanes) {
        if (Simd.ENABLED) {
            MatmulVector.dots(a, ao, b, bo, rows, lanes);
        } else {
            MatmulScalar.dots(a, ao, b, bo, rows, lanes);
        }
    }
}
