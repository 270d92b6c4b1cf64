// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.io;

import aulos.engine.NdArray;
import aulos.engine.Shape;

/** Row-major copies of arrays whose elements lie in another order. */
final class Strided {
    private Strided() {
    }

    /**
     * Element [i, j, …] of the result is element offset + i·strides[0] + j·strides[1] + … of {@code source}; the caller
     * has made sure that the last of them exists.
     */
    static NdArray gather(NdArray source, Shape shape, int offset, int[] strides) {
        float[] from32 = source.isDouble() ? null : source.floats();
        double[] from64 = source.isDouble() ? source.doubles() : null;
        float[] to32 = source.isDouble() ? null : new float[shape.size()];
        double[] to64 = source.isDouble() ? new double[shape.size()] : null;
        int[] index = new int[shape.rank()];
        int position = offset;
        for (int i = 0; i < shape.size(); i++) {
            if (to32 != null) {
                to32[i] = from32[position];
            } else {
                to64[i] = from64[position];
            }
            for (int axis = index.length - 1; axis >= 0; axis--) {
                if (++index[axis] < shape.dim(axis)) {
                    position += strides[axis];
                    break;
                }
                position -= (shape.dim(axis) - 1) * strides[axis];
                index[axis] = 0;
            }
        }
        return to32 != null ? NdArray.of(shape, to32) : NdArray.of(shape, to64);
    }
}
