// SPDX-License-Identifier: Apache-2.0
package aulos.engine.nn;

import aulos.engine.NdArray;
import aulos.engine.Shape;
import java.util.random.RandomGenerator;

/** The values a parameter starts from when nothing is loaded. */
@FunctionalInterface
public interface Initializer {
    NdArray draw(Shape shape, RandomGenerator random);

    /** U(−bound, bound). */
    static Initializer uniform(double bound) {
        return (shape, random) -> {
            float[] values = new float[shape.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) ((2 * random.nextDouble() - 1) * bound);
            }
            return NdArray.of(shape, values);
        };
    }

    static Initializer constant(NdArray values) {
        return (shape, random) -> values.reshape(shape);
    }
}
