// SPDX-License-Identifier: Apache-2.0
package aulos.engine.op;

import aulos.engine.Kernel;
import aulos.engine.NdArray;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;

/**
 * An op that is computed on the host, in Java, whatever the backend: {@link Tensor#apply} downloads its inputs and uploads
 * what it gives. So an op of one's own needs no kernel:
 *
 * <pre>{@code
 * Tensor y = HostOp.custom("sin", HostOp.pointwise(Math::sin),
 *         (argument, inputs, output, gradient) -> gradient.mul(inputs.get(0).cos()), x);
 * }</pre>
 *
 * <p>All inputs and the output stay in memory until the backward pass; a class that implements this interface can say that it
 * reads less ({@link #keepsInput}, {@link #keepsOutput}). The function may be called again, by
 * checkpoints and replays, and must give the same again. For a batch ({@code Transforms.vmap}) it is called for one example
 * after the other.
 */
public interface HostOp extends Op {

    /** A function of arrays: {@code shape} says what it gives before it runs, {@code compute} gives it. */
    @FunctionalInterface
    interface Function {
        NdArray compute(List<NdArray> inputs);

        /** The result's shape; unless overridden what the inputs broadcast to. */
        default Shape shape(List<Shape> inputs) {
            Shape shape = inputs.getFirst();
            for (Shape input : inputs) {
                shape = shape.broadcast(input);
            }
            return shape;
        }
    }

    /** {@link Op#vjp} of a custom op: written in tensor operations, it can be differentiated again. */
    @FunctionalInterface
    interface Product {
        Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient);
    }

    /** {@link JointOp#vjps} of a custom op: the products for several arguments at once, which may share work. */
    @FunctionalInterface
    interface JointProduct {
        List<Tensor> vjps(List<Integer> arguments, List<Tensor> inputs, Tensor output, Tensor gradient);
    }

    /**
     * The result for these inputs, of the shape that {@link #shape} gives. Inputs come in the backend's precision; what is
     * returned is rounded to it.
     */
    NdArray compute(List<NdArray> inputs);

    @Override
    default Optional<Kernel> kernel(List<Shape> inputs, Shape output) {
        throw new IllegalStateException(name() + ": is computed on the host, there is no kernel for it");
    }

    @Override
    default boolean keepsInput(int argument) {
        return true;
    }

    @Override
    default boolean keepsOutput() {
        return true;
    }

    /**
     * {@code function} of {@code inputs} as an op named {@code name}.
     *
     * @throws IllegalArgumentException if the function gives null or another shape than its rule
     */
    static Tensor custom(String name, Function function, Product product, Tensor... inputs) {
        return Tensor.apply(new Custom(name, function, product), inputs);
    }

    /** As {@link #custom}, with one product for all arguments at once. */
    static Tensor customJoint(String name, Function function, JointProduct product, Tensor... inputs) {
        return Tensor.apply(new CustomJoint(name, function, product), inputs);
    }

    /** {@code function} of every element of the one input. */
    static Function pointwise(DoubleUnaryOperator function) {
        return inputs -> {
            NdArray input = inputs.getFirst();
            double[] values = new double[input.shape().size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = function.applyAsDouble(input.get(i));
            }
            return NdArray.of(input.shape(), values);
        };
    }

    /** {@code function} under a shape rule of its own, as for a sum over all: {@code shapes -> Shape.SCALAR}. */
    static Function shaped(java.util.function.Function<List<Shape>, Shape> rule, Function function) {
        return new Function() {
            @Override
            public NdArray compute(List<NdArray> inputs) {
                return function.compute(inputs);
            }

            @Override
            public Shape shape(List<Shape> inputs) {
                return rule.apply(inputs);
            }
        };
    }

    private static Shape shapeOf(String name, Function function, List<Shape> inputs) {
        try {
            return function.shape(inputs);
        } catch (IllegalArgumentException misfit) {
            throw new IllegalArgumentException(name + ": " + misfit.getMessage(), misfit);
        }
    }

    /** What {@link #custom} runs. */
    record Custom(String name, Function function, Product product) implements HostOp {
        @Override
        public Shape shape(List<Shape> inputs) {
            return shapeOf(name, function, inputs);
        }

        @Override
        public NdArray compute(List<NdArray> inputs) {
            return function.compute(inputs);
        }

        @Override
        public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
            return product.vjp(argument, inputs, output, gradient);
        }
    }

    /** What {@link #customJoint} runs. */
    record CustomJoint(String name, Function function, JointProduct product) implements HostOp, JointOp {
        @Override
        public Shape shape(List<Shape> inputs) {
            return shapeOf(name, function, inputs);
        }

        @Override
        public NdArray compute(List<NdArray> inputs) {
            return function.compute(inputs);
        }

        @Override
        public List<Tensor> vjps(List<Integer> arguments, List<Tensor> inputs, Tensor output, Tensor gradient) {
            return product.vjps(arguments, inputs, output, gradient);
        }
    }
}
