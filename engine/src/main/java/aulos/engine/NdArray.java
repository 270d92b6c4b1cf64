// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

/**
 * A dense row-major array on the host, in float32 or float64: what files hold and what goes into and comes out of a
 * {@code Tensor}. It shares the Java array it is given; by convention nobody writes to it afterwards.
 */
public final class NdArray {
    /** How many values at each end of a long axis are shown. */
    private static final int EDGE = 3;

    private final Shape shape;
    private final float[] floats;
    private final double[] doubles;

    private NdArray(Shape shape, float[] floats, double[] doubles) {
        int length = floats != null ? floats.length : doubles.length;
        if (length != shape.size()) {
            throw new IllegalArgumentException("array: " + length + " values for shape " + shape + ", expected "
                    + shape.size());
        }
        this.shape = shape;
        this.floats = floats;
        this.doubles = doubles;
    }

    public static NdArray of(Shape shape, float... values) {
        return new NdArray(shape, values, null);
    }

    public static NdArray of(Shape shape, double... values) {
        return new NdArray(shape, null, values);
    }

    public Shape shape() {
        return shape;
    }

    /** Whether the values are held in float64. */
    public boolean isDouble() {
        return doubles != null;
    }

    /** The values in float32: the array itself if it is float32, else a rounded copy. */
    public float[] floats() {
        if (floats != null) {
            return floats;
        }
        float[] rounded = new float[doubles.length];
        for (int i = 0; i < rounded.length; i++) {
            rounded[i] = (float) doubles[i];
        }
        return rounded;
    }

    /** The values in float64: the array itself if it is float64, else a widened copy. */
    public double[] doubles() {
        if (doubles != null) {
            return doubles;
        }
        double[] widened = new double[floats.length];
        for (int i = 0; i < widened.length; i++) {
            widened[i] = floats[i];
        }
        return widened;
    }

    /** Element {@code i} in row-major order. */
    public double get(int i) {
        return floats != null ? floats[i] : doubles[i];
    }

    /** The same values under another shape of the same size. */
    public NdArray reshape(Shape other) {
        return new NdArray(other, floats, doubles);
    }

    /**
     * A row-major copy of values that lie in another order: element [i, j, …] is element offset + i·strides[0] + j·strides[1] + …
     * of this.
     *
     * @throws ArrayIndexOutOfBoundsException if there is no such element
     */
    public NdArray strided(Shape result, int offset, int... strides) {
        float[] to32 = floats == null ? null : new float[result.size()];
        double[] to64 = floats == null ? new double[result.size()] : null;
        int[] index = new int[result.rank()];
        int position = offset;
        for (int i = 0; i < result.size(); i++) {
            if (to32 != null) {
                to32[i] = floats[position];
            } else {
                to64[i] = doubles[position];
            }
            for (int axis = index.length - 1; axis >= 0; axis--) {
                if (++index[axis] < result.dim(axis)) {
                    position += strides[axis];
                    break;
                }
                position -= (result.dim(axis) - 1) * strides[axis];
                index[axis] = 0;
            }
        }
        return new NdArray(result, to32, to64);
    }

    /** The values as nested lists, as in {@code [[1, 2, 3], [0.5, -1, 1.0e-7]]}; long axes show both ends only. */
    public String values() {
        StringBuilder text = new StringBuilder();
        append(text, 0, 0);
        return text.toString();
    }

    private void append(StringBuilder text, int axis, int offset) {
        if (axis == shape.rank()) {
            double value = get(offset);
            text.append(value == Math.rint(value) && Math.abs(value) < 1e7 ? String.valueOf((long) value)
                    : String.valueOf((float) value));
            return;
        }
        int dim = shape.dim(axis);
        text.append('[');
        for (int i = 0; i < dim; i++) {
            text.append(i == 0 ? "" : ", ");
            if (i == EDGE && dim > 2 * EDGE + 1) {
                text.append("…, ");
                i = dim - EDGE;
            }
            append(text, axis + 1, offset + i * shape.strides()[axis]);
        }
        text.append(']');
    }

    @Override
    public String toString() {
        return (isDouble() ? "float64" : "float32") + shape;
    }
}
