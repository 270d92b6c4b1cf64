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

    static List<Integer> list(int[] values) {
        return Arrays.stream(values).boxed().toList();
    }
}
