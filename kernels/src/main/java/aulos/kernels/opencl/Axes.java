// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import aulos.engine.Backend;
import aulos.engine.Shape;
import java.util.Arrays;
import java.util.List;

/** Shapes and strides as kernels take them: always four axes, outermost first, the missing ones of size 1. */
final class Axes {
    static final int RANK = Backend.MAX_RANK;

    private Axes() {}

    static int[] dims(Shape shape) {
        return padded(shape.dims(), 1);
    }

    static int[] strides(List<Integer> strides) {
        return padded(strides.stream().mapToInt(Integer::intValue).toArray(), 0);
    }

    /** Strides that read {@code from}, dense, as if it were broadcast to a shape of higher rank or size. */
    static int[] broadcast(Shape from) {
        int[] dims = dims(from);
        int[] strides = new int[RANK];
        int stride = 1;
        for (int axis = RANK - 1; axis >= 0; axis--) {
            strides[axis] = dims[axis] == 1 ? 0 : stride;
            stride *= dims[axis];
        }
        return strides;
    }

    private static int[] padded(int[] values, int filling) {
        int[] result = new int[RANK];
        Arrays.fill(result, filling);
        System.arraycopy(values, 0, result, RANK - values.length, values.length);
        return result;
    }
}
