// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import java.util.Arrays;
import java.util.List;

/**
 * The dimensions of a tensor, outermost first: {@code [batch, channels, time]}. Rank 0 (a scalar) to 6; every dimension
 * is at least 1, and their product fits an {@code int}, because buffers are Java arrays on two of the backends.
 */
public final class Shape {
    public static final int MAX_RANK = 6;
    public static final Shape SCALAR = new Shape(new int[0]);

    private final int[] dims;
    private final int size;

    private Shape(int[] dims) {
        if (dims.length > MAX_RANK) {
            throw new IllegalArgumentException(
                    "shape " + Arrays.toString(dims) + " has rank " + dims.length + ", expected at most " + MAX_RANK);
        }
        long product = 1;
        for (int dim : dims) {
            if (dim < 1) {
                throw new IllegalArgumentException(
                        "shape " + Arrays.toString(dims) + " has dimension " + dim + ", expected at least 1");
            }
            product *= dim;
            if (product > Integer.MAX_VALUE) {
                throw new IllegalArgumentException(
                        "shape " + Arrays.toString(dims) + " has more than " + Integer.MAX_VALUE + " elements");
            }
        }
        this.dims = dims;
        this.size = (int) product;
    }

    public static Shape of(int... dims) {
        return dims.length == 0 ? SCALAR : new Shape(dims.clone());
    }

    public int rank() {
        return dims.length;
    }

    /** The number of elements: the product of all dimensions, 1 for a scalar. */
    public int size() {
        return size;
    }

    /** Dimension {@code axis}; negative counts from the end, as in {@code dim(-1)} for the innermost. */
    public int dim(int axis) {
        return dims[axis(axis)];
    }

    /** Resolves a possibly negative axis to 0…rank−1. */
    public int axis(int axis) {
        int resolved = axis < 0 ? axis + dims.length : axis;
        if (resolved < 0 || resolved >= dims.length) {
            throw new IndexOutOfBoundsException("axis " + axis + " of shape " + this + " with rank " + dims.length);
        }
        return resolved;
    }

    public int[] dims() {
        return dims.clone();
    }

    /** Row-major strides, in elements: how far apart neighbours along each axis lie. */
    public int[] strides() {
        int[] strides = new int[dims.length];
        int stride = 1;
        for (int i = dims.length - 1; i >= 0; i--) {
            strides[i] = stride;
            stride *= dims[i];
        }
        return strides;
    }

    /** This shape with one dimension replaced. */
    public Shape with(int axis, int dim) {
        int[] changed = dims.clone();
        changed[axis(axis)] = dim;
        return new Shape(changed);
    }

    /**
     * The shape that results when {@code this} and {@code other} are broadcast against each other: aligned at the right,
     * dimensions are equal or one of them is 1 (NumPy's rule).
     *
     * @throws IllegalArgumentException if a pair of dimensions differs and neither is 1
     */
    public Shape broadcast(Shape other) {
        int rank = Math.max(rank(), other.rank());
        int[] result = new int[rank];
        for (int i = 1; i <= rank; i++) {
            int a = i <= rank() ? dim(-i) : 1;
            int b = i <= other.rank() ? other.dim(-i) : 1;
            if (a != b && a != 1 && b != 1) {
                throw new IllegalArgumentException("shapes " + this + " and " + other + " do not broadcast: " + a
                        + " against " + b + " in axis -" + i + ", expected equal or 1");
            }
            result[rank - i] = Math.max(a, b);
        }
        return new Shape(result);
    }

    /** The dimensions as a list, for printing and JSON. */
    public List<Integer> toList() {
        return Arrays.stream(dims).boxed().toList();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape shape && Arrays.equals(dims, shape.dims);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(dims);
    }

    /** As in {@code [2,80,32]}; a scalar is {@code []}. */
    @Override
    public String toString() {
        return Arrays.toString(dims).replace(" ", "");
    }
}
