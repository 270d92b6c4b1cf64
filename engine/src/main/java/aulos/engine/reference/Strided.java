// SPDX-License-Identifier: Apache-2.0
package aulos.engine.reference;

import aulos.engine.Backend.Operand;
import aulos.engine.Shape;
import java.util.Arrays;
import java.util.List;

/** Kernels that only move elements, and the sum, which is the adjoint of repeating them. */
final class Strided {
    private Strided() {}

    /** Strides that read {@code from}, dense, as if it were broadcast to {@code to}. */
    static int[] broadcastStrides(Shape from, Shape to) {
        int[] own = from.strides();
        int[] strides = new int[to.rank()];
        int shift = to.rank() - from.rank();
        for (int axis = shift; axis < strides.length; axis++) {
            strides[axis] = from.dim(axis - shift) == 1 ? 0 : own[axis - shift];
        }
        return strides;
    }

    /** Σ iₖ·strides[k] for every index of {@code shape} in row-major order. */
    static int[] indices(int[] strides, Shape shape) {
        int[] result = new int[shape.size()];
        int repeat = shape.size();
        for (int axis = 0; axis < shape.rank(); axis++) {
            repeat /= shape.dim(axis);
            for (int i = 0; i < result.length; i++) {
                result[i] += i / repeat % shape.dim(axis) * strides[axis];
            }
        }
        return result;
    }

    static void copy(double[] x, int offset, List<Integer> strides, double[] y, Shape shape) {
        int[] from = indices(toArray(strides), shape);
        for (int i = 0; i < y.length; i++) {
            y[i] = x[offset + from[i]];
        }
    }

    static void place(double[] x, Shape input, double[] y, int offset, List<Integer> strides) {
        Arrays.fill(y, 0);
        int[] to = indices(toArray(strides), input);
        for (int i = 0; i < x.length; i++) {
            y[offset + to[i]] = x[i];
        }
    }

    static void sum(double[] x, Shape input, double[] y, Shape target) {
        Arrays.fill(y, 0);
        int[] to = indices(broadcastStrides(target, input), input);
        for (int i = 0; i < x.length; i++) {
            y[to[i]] += x[i];
        }
    }

    static void max(double[] x, Shape input, double[] y, Shape target) {
        Arrays.fill(y, Double.NEGATIVE_INFINITY);
        int[] to = indices(broadcastStrides(target, input), input);
        for (int i = 0; i < x.length; i++) {
            y[to[i]] = Math.max(y[to[i]], x[i]);
        }
    }

    /** The array as [outer, axis, inner]. */
    static void gather(double[] x, Shape input, double[] y, int axis, List<Integer> indices) {
        int inner = input.strides()[axis];
        int length = input.dim(axis);
        for (int i = 0; i < y.length; i++) {
            int outer = i / inner / indices.size();
            y[i] = x[(outer * length + indices.get(i / inner % indices.size())) * inner + i % inner];
        }
    }

    static void scatterAdd(double[] x, double[] y, Shape output, int axis, List<Integer> indices) {
        Arrays.fill(y, 0);
        int inner = output.strides()[axis];
        int length = output.dim(axis);
        for (int i = 0; i < x.length; i++) {
            int outer = i / inner / indices.size();
            y[(outer * length + indices.get(i / inner % indices.size())) * inner + i % inner] += x[i];
        }
    }

    static void concat(int axis, Operand[] in, double[] y, Shape shape) {
        int row = 1;
        for (int later = axis + 1; later < shape.rank(); later++) {
            row *= shape.dim(later);
        }
        int start = 0;
        for (Operand operand : in) {
            double[] x = ReferenceBackend.values(operand.buffer());
            int run = operand.shape().dim(axis) * row;
            for (int block = 0; block < x.length / run; block++) {
                System.arraycopy(x, block * run, y, block * shape.dim(axis) * row + start, run);
            }
            start += run;
        }
    }

    private static int[] toArray(List<Integer> values) {
        return values.stream().mapToInt(Integer::intValue).toArray();
    }
}
