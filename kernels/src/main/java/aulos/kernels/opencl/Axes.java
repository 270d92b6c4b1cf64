// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import aulos.engine.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A loop nest over an array and up to two more, as kernels take it: axes of length 1 are dropped, neighbours that lie one
 * after the other in all arrays merged. What is left is four axes, or eight where that is too few, outermost first, the
 * missing ones of size 1.
 *
 * @param strides for each array, of those that are not dense
 */
record Axes(int[] dims, int[][] strides) {
    private static final int USUAL = 4;
    private static final int MOST = 8;

    static Axes of(Shape shape, int[]... strides) {
        int[] dims = shape.dims();
        List<Integer> kept = new ArrayList<>();
        int[] sizes = dims.clone();
        for (int axis = 0; axis < dims.length; axis++) {
            int last = kept.isEmpty() ? -1 : kept.getLast();
            int next = axis;
            if (dims[axis] == 1) {
                continue;
            }
            if (last >= 0 && Arrays.stream(strides).allMatch(own -> own[last] == own[next] * dims[next])) {
                sizes[axis] *= sizes[last];
                kept.removeLast();
            }
            kept.add(axis);
        }
        int rank = kept.size() > USUAL ? MOST : USUAL;
        int[][] picked = new int[strides.length][];
        Arrays.setAll(picked, i -> pick(strides[i], kept, rank, 0));
        return new Axes(pick(sizes, kept, rank, 1), picked);
    }

    private static int[] pick(int[] values, List<Integer> axes, int rank, int filling) {
        int[] result = new int[rank];
        Arrays.fill(result, filling);
        for (int i = 0; i < axes.size(); i++) {
            result[rank - axes.size() + i] = values[axes.get(i)];
        }
        return result;
    }

    /** What tells the kernels how many axes there are. */
    String options() {
        return dims.length == USUAL ? "" : "-DAXES=" + MOST;
    }

    /** Strides that read {@code from}, dense, as if it were broadcast to {@code to}. */
    static int[] broadcast(Shape from, Shape to) {
        int[] own = from.strides();
        int[] strides = new int[to.rank()];
        int shift = to.rank() - from.rank();
        for (int axis = shift; axis < strides.length; axis++) {
            strides[axis] = from.dim(axis - shift) == 1 ? 0 : own[axis - shift];
        }
        return strides;
    }

    static int[] array(List<Integer> strides) {
        return strides.stream().mapToInt(Integer::intValue).toArray();
    }
}
