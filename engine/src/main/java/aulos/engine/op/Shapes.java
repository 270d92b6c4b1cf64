// SPDX-License-Identifier: Apache-2.0
package aulos.engine.op;

import aulos.engine.Shape;
import java.util.Arrays;
import java.util.List;

/** Shape rules that many ops share. */
final class Shapes {
    private Shapes() {}

    static Shape unary(String op, List<Shape> inputs) {
        return expect(op, inputs, 1).get(0);
    }

    static List<Shape> expect(String op, List<Shape> inputs, int count) {
        if (inputs.size() != count) {
            throw new IllegalArgumentException(op + ": " + inputs.size() + " inputs " + inputs + ", expected " + count);
        }
        return inputs;
    }

    /** The one input, of rank 1 at least. */
    static Shape withLastAxis(String op, List<Shape> inputs) {
        return withAxis(op, unary(op, inputs), 0);
    }

    /** {@code input}, which has axis {@code axis}, not counted from the end. */
    static Shape withAxis(String op, Shape input, int axis) {
        if (axis < 0 || axis >= input.rank()) {
            throw new IllegalArgumentException(op + ": input " + input + ", expected rank " + (axis + 1) + " or more");
        }
        return input;
    }

    static Shape broadcast(String op, List<Shape> inputs) {
        expect(op, inputs, 2);
        try {
            return inputs.get(0).broadcast(inputs.get(1));
        } catch (IllegalArgumentException mismatch) {
            throw new IllegalArgumentException(op + ": " + mismatch.getMessage(), mismatch);
        }
    }

    static Shape same(String op, List<Shape> inputs) {
        expect(op, inputs, 2);
        if (!inputs.get(0).equals(inputs.get(1))) {
            throw new IllegalArgumentException(
                    op + ": inputs " + inputs.get(0) + " and " + inputs.get(1) + ", expected equal shapes");
        }
        return inputs.get(0);
    }

    /** One value for each row of {@code shape} over its first axis: [n, 1, …]. */
    static Shape perRow(String op, Shape shape) {
        if (shape.rank() == 0) {
            throw new IllegalArgumentException(op + ": input [], expected rows [n, …]");
        }
        Shape result = shape;
        for (int axis = 1; axis < shape.rank(); axis++) {
            result = result.with(axis, 1);
        }
        return result;
    }

    /** Checks one gain for each row of {@code v}. */
    static void gains(String op, Shape g, Shape v) {
        Shape expected = perRow(op, v);
        if (!g.equals(expected)) {
            throw new IllegalArgumentException(op + ": gains " + g + ", expected " + expected + " for rows " + v);
        }
    }

    /** The shape of a reduction to {@code target}, which has 1 in the axes that are reduced. */
    static Shape reduced(String op, List<Shape> inputs, Shape target) {
        Shape input = unary(op, inputs);
        boolean fits = input.rank() == target.rank();
        for (int axis = 0; fits && axis < input.rank(); axis++) {
            fits = target.dim(axis) == 1 || target.dim(axis) == input.dim(axis);
        }
        if (!fits) {
            throw new IllegalArgumentException(op + ": input " + input + " cannot be reduced to " + target
                    + ": expected the same rank and each dimension equal or 1");
        }
        return target;
    }

    static void requireIndices(String op, List<Integer> indices, Shape shape, int axis) {
        for (int index : indices) {
            if (index < 0 || index >= shape.dim(axis)) {
                throw new IllegalArgumentException(op + ": index " + index + " along axis " + axis + " of " + shape
                        + ", expected 0 to " + (shape.dim(axis) - 1));
            }
        }
    }

    /** The first few of a list that may be long, for printed tapes. */
    static String shortened(List<Integer> values) {
        return values.size() <= 6 ? values.toString()
                : values.subList(0, 6).toString().replace("]", ", … " + values.size() + "]");
    }

    static List<Integer> list(int[] values) {
        return Arrays.stream(values).boxed().toList();
    }
}
