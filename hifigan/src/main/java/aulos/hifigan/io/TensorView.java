// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.io;

import aulos.engine.NdArray;
import aulos.engine.Shape;
import aulos.engine.io.Dtype;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * A tensor as a PyTorch file describes it: element [i, j, …] is element offset + i·strides[0] + j·strides[1] + … of the
 * storage. Nothing here has been checked against the storage yet.
 */
record TensorView(Storage storage, long offset, List<Long> size, List<Long> strides) {

    /** @throws IOException if the size is none that an {@link NdArray} can have: no elements, too many, too many dimensions */
    Shape shape() throws IOException {
        return Dtype.shape(size);
    }

    /** Whether the tensor is the whole storage in its order, so that no copy is needed. */
    boolean isWhole() throws IOException {
        Shape shape = shape();
        return offset == 0 && shape.size() == storage.elements()
                && Arrays.equals(strides(shape), withoutUnused(shape, shape.strides()));
    }

    /** The row-major values. */
    NdArray of(NdArray values) throws IOException {
        Shape shape = shape();
        return isWhole() ? values.reshape(shape) : values.strided(shape, (int) offset, strides(shape));
    }

    /** @throws IOException if an element lies outside the storage */
    void checkBounds() throws IOException {
        Shape shape = shape();
        if (strides.size() != shape.rank()) {
            throw new IOException("shape " + shape + " has " + strides.size() + " strides");
        }
        long last = offset;
        boolean inside = offset >= 0 && offset < storage.elements();
        for (int axis = 0; axis < shape.rank() && inside; axis++) {
            long stride = strides.get(axis);
            if (shape.dim(axis) > 1) {
                inside = stride >= 0 && stride < storage.elements();
                last += inside ? (shape.dim(axis) - 1) * stride : 0;
                inside &= last < storage.elements();
            }
        }
        if (!inside) {
            throw new IOException("shape " + shape + " with strides " + strides.toString().replace(" ", "")
                    + " and offset " + offset + " reaches outside " + storage);
        }
    }

    private int[] strides(Shape shape) throws IOException {
        checkBounds();
        return withoutUnused(shape, strides.stream().mapToInt(Long::intValue).toArray());
    }

    /** A dimension of 1 may have any stride: it is never stepped along. */
    private static int[] withoutUnused(Shape shape, int[] strides) {
        for (int axis = 0; axis < strides.length; axis++) {
            if (shape.dim(axis) == 1) {
                strides[axis] = 0;
            }
        }
        return strides;
    }
}
