// SPDX-License-Identifier: Apache-2.0
package aulos.engine.op;

import aulos.engine.Kernel;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * A differentiable operation: a record of its parameters that knows its shape rule, the kernel it lowers to and its
 * vector–Jacobian product. An op has no state and never sees a backend; {@link Tensor#apply} runs it.
 */
public interface Op {

    /** The name in printed tapes and error messages, as in {@code conv1d}. */
    String name();

    /** The parameters in printed tapes, as in {@code s2 p20 g4}; empty if there are none. */
    default String parameters() {
        return "";
    }

    /**
     * The output's shape.
     *
     * @throws IllegalArgumentException if the inputs do not fit, with a message that names op, shapes and expectation
     */
    Shape shape(List<Shape> inputs);

    /** What a backend runs for inputs of these shapes. Empty: the output is the first input under another shape. */
    Optional<Kernel> kernel(List<Shape> inputs, Shape output);

    /**
     * The vector–Jacobian product for one argument: {@code gradient}ᵀ·∂output/∂inputs[argument], of that input's shape,
     * written in tensor operations, so that it can be differentiated again. It reads the values of only those tensors
     * that {@link #keepsInput} and {@link #keepsOutput} name; shapes of all are there.
     */
    Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient);

    /**
     * Whether the derivative in input {@code argument} is 0 wherever there is one, as that of {@code sign}: then
     * {@link #vjp} is not asked for it, and no infinite gradient is multiplied by that 0.
     */
    default boolean isFlatIn(int argument) {
        return false;
    }

    /** Whether some vjp reads the value of input {@code argument}: if not, the tape does not hold it in memory. */
    default boolean keepsInput(int argument) {
        return false;
    }

    /** Whether some vjp reads the value of the output. */
    default boolean keepsOutput() {
        return false;
    }
}
