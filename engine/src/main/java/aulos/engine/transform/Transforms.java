// SPDX-License-Identifier: Apache-2.0
package aulos.engine.transform;

import aulos.engine.Gradients;
import aulos.engine.NdArray;
import aulos.engine.Scope;
import aulos.engine.Shape;
import aulos.engine.Tape;
import aulos.engine.Tensor;
import aulos.engine.op.Reshape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Derivatives of functions of tensors, as functions again, in the manner of JAX and of {@code torch.func}. They nest to any
 * depth and in any order:
 *
 * <pre>{@code
 * UnaryOperator<Tensor> f = t -> t.tanh().sum();
 * Tensor slope = Transforms.grad(f).apply(x);
 * Tensor curvature = Transforms.hvp(f, x, upstream);
 * Tensor perExample = Transforms.vmap(Transforms.grad(f)).apply(x);
 * }</pre>
 *
 * A derivative is one in the argument and in nothing else: each transform hands its function a tensor that no other use of
 * the same values is mistaken for. So a function that does not depend on its argument has a derivative of zeros. What a
 * function computes in between is freed when it returns; results belong to the caller's innermost scope.
 */
public final class Transforms {

    /** A function's value and its gradient at the same place. */
    public record ValueAndGrad(Tensor value, Tensor gradient) {}

    /** A function's value and how fast it moves. */
    public record Jvp(Tensor value, Tensor tangent) {}

    /** A function's value and its pullback u ↦ Jᵀ·u, to be used any number of times until it closes. */
    public static final class Vjp implements AutoCloseable {
        private final Trace trace;

        private Vjp(Trace trace) {
            this.trace = trace;
        }

        public Tensor value() {
            return trace.value;
        }

        /**
         * Jᵀ·u, of the argument's shape.
         *
         * @throws IllegalArgumentException unless {@code u} has the value's shape
         */
        public Tensor pullback(Tensor u) {
            return trace.tape.differentiableGradients(trace.value, u, List.of(trace.variable)).of(trace.variable);
        }

        /** Frees what the pullback needs. */
        @Override
        public void close() {
            trace.tape.close();
        }
    }

    /** A function that has run: on a tape that has stopped, from a leaf of its own. */
    private record Trace(Tape tape, Tensor variable, Tensor value) {}

    private Transforms() {}

    /** The gradient of a function whose value is a scalar. */
    public static UnaryOperator<Tensor> grad(UnaryOperator<Tensor> function) {
        return x -> valueAndGrad(function).apply(x).gradient;
    }

    /** The gradients in all arguments of a function whose value is a scalar, in their order. */
    public static Function<List<Tensor>, List<Tensor>> grads(Function<List<Tensor>, Tensor> function) {
        return arguments -> {
            try (Scope scope = Scope.open()) {
                List<Tensor> variables = arguments.stream().map(Transforms::alias).toList();
                try (Tape tape = Tape.open()) {
                    Tensor value = run(list -> function.apply(list), variables);
                    Gradients gradients = tape.gradients(value, variables);
                    return variables.stream().map(variable -> scope.keep(gradients.of(variable))).toList();
                }
            }
        };
    }

    /** A scalar function's value with its gradient. */
    public static Function<Tensor, ValueAndGrad> valueAndGrad(UnaryOperator<Tensor> function) {
        return x -> {
            try (Scope scope = Scope.open()) {
                Tensor variable = alias(x);
                try (Tape tape = Tape.open()) {
                    Tensor value = run(list -> function.apply(list.getFirst()), List.of(variable));
                    Tensor gradient = tape.gradients(value, List.of(variable)).of(variable);
                    return new ValueAndGrad(scope.keep(value), scope.keep(gradient));
                }
            }
        };
    }

    /** A function's value and pullback at {@code x}, to be closed. */
    public static Vjp vjp(UnaryOperator<Tensor> function, Tensor x) {
        return new Vjp(trace(function, x));
    }

    /**
     * A function's value and tangent at {@code x}: its Jacobian times {@code direction}.
     *
     * @throws IllegalArgumentException unless {@code direction} has the shape of {@code x}
     */
    public static Jvp jvp(UnaryOperator<Tensor> function, Tensor x, Tensor direction) {
        Trace trace = trace(function, x);
        try (Tape tape = trace.tape) {
            return new Jvp(trace.value, tape.tangent(trace.value, List.of(trace.variable), List.of(direction)));
        }
    }

    /** The Hessian of a scalar function at {@code x}, times {@code direction}: forward over reverse, never the matrix. */
    public static Tensor hvp(UnaryOperator<Tensor> function, Tensor x, Tensor direction) {
        return jvp(grad(function), x, direction).tangent;
    }

    /** The Jacobian, of the value's shape followed by the argument's, by one pullback for each element of the value. */
    public static UnaryOperator<Tensor> jacobian(UnaryOperator<Tensor> function) {
        return jacobian("jacobian", function);
    }

    private static UnaryOperator<Tensor> jacobian(String name, UnaryOperator<Tensor> function) {
        return x -> {
            try (Scope scope = Scope.open(); Vjp vjp = vjp(function, x)) {
                Shape shape = vjp.value().shape();
                if (shape.rank() + x.shape().rank() > Shape.MAX_RANK) {
                    throw new IllegalArgumentException(name + ": of " + (name.equals("hessian") ? "" : "value " + shape + " and ")
                            + "argument " + x.shape() + " it has rank " + (shape.rank() + x.shape().rank())
                            + ", expected at most " + Shape.MAX_RANK + ": flatten them first");
                }
                Shape row = join(Shape.of(1), x.shape());
                Tensor[] rows = new Tensor[shape.size()];
                for (int i = 0; i < rows.length; i++) {
                    double[] unit = new double[shape.size()];
                    unit[i] = 1;
                    Tensor u = Tensor.of(x.backend(), NdArray.of(shape, unit));
                    rows[i] = Scope.run(() -> vjp.pullback(u).reshape(row));
                }
                return scope.keep(Tensor.concat(0, rows).reshape(join(shape, x.shape())));
            }
        };
    }

    /** The second derivatives of a scalar function, of the argument's shape twice. */
    public static UnaryOperator<Tensor> hessian(UnaryOperator<Tensor> function) {
        return jacobian("hessian", grad(function));
    }

    /**
     * The function for every index of the argument's first axis, all at once: [N, …] → [N, …]. It runs once, on the first
     * example, and what it recorded is replayed with a batch axis; ops without a rule for one go through the examples one
     * by one. Tensors that the function knows from outside are the same for every example.
     *
     * @throws IllegalStateException when called, if the function reads values on the host that differ between examples
     */
    public static UnaryOperator<Tensor> vmap(UnaryOperator<Tensor> function) {
        return x -> Vmap.run(list -> function.apply(list.getFirst()), List.of(x));
    }

    /** As {@link #vmap}, for a function of several tensors that all have the batch axis. */
    public static Function<List<Tensor>, Tensor> vmapAll(Function<List<Tensor>, Tensor> function) {
        return arguments -> Vmap.run(function, arguments);
    }

    /**
     * The same values as a variable of their own: outer tapes, which are open already, see where it comes from; a tape that
     * opens later sees a leaf.
     */
    static Tensor alias(Tensor x) {
        return Tensor.apply(new Reshape(x.shape()), x);
    }

    /** Runs a function so that the innermost tape has surely seen the variables and the value. */
    static Tensor run(Function<List<Tensor>, Tensor> function, List<Tensor> variables) {
        return Scope.run(() -> {
            List<Tensor> seen = new ArrayList<>();
            variables.forEach(variable -> seen.add(alias(variable)));
            return alias(function.apply(seen));
        });
    }

    private static Trace trace(UnaryOperator<Tensor> function, Tensor x) {
        try (Scope scope = Scope.open()) {
            Tensor variable = alias(x);
            Tape tape = Tape.open();
            try {
                Tensor value = scope.keep(run(list -> function.apply(list.getFirst()), List.of(variable)));
                tape.stop();
                return new Trace(tape, variable, value);
            } catch (RuntimeException | Error failed) {
                tape.close();
                throw failed;
            }
        }
    }

    private static Shape join(Shape outer, Shape inner) {
        int[] dims = Arrays.copyOf(outer.dims(), outer.rank() + inner.rank());
        System.arraycopy(inner.dims(), 0, dims, outer.rank(), inner.rank());
        return Shape.of(dims);
    }
}
