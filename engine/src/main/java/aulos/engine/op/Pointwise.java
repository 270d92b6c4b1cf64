// SPDX-License-Identifier: Apache-2.0
package aulos.engine.op;

import aulos.engine.Kernel;
import aulos.engine.PointwiseFunction;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The ops that compute each element from the elements at its place. Those of two arguments broadcast, and their products
 * are summed back. What an op computes is {@link PointwiseFunction#of}; here stands its derivative. Where a function has a
 * step or a corner, the derivative is that of one side, as each says.
 */
public sealed interface Pointwise extends Op {

    /** y = factor·x + offset; ∂y/∂x = factor. */
    record Affine(double factor, double offset) implements Pointwise {
        @Override
        public PointwiseFunction function() {
            return PointwiseFunction.AFFINE;
        }

        @Override
        public double a() {
            return factor;
        }

        @Override
        public double b() {
            return offset;
        }

        @Override
        public String parameters() {
            return (float) factor + "x" + (offset == 0 ? "" : "+" + (float) offset);
        }

        @Override
        public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
            return gradient.mul(factor);
        }
    }

    /** y = |x|; ∂y/∂x = sign(x), and 0 at 0. */
    record Abs() implements Pointwise {
        @Override
        public PointwiseFunction function() {
            return PointwiseFunction.ABS;
        }

        @Override
        public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
            return gradient.mul(inputs.get(0).sign());
        }

        @Override
        public boolean keepsInput(int argument) {
            return true;
        }
    }

    /** y = −1, 0 or 1; ∂y/∂x = 0. */
    record Sign() implements Step {
        @Override
        public PointwiseFunction function() {
            return PointwiseFunction.SIGN;
        }
    }

    /** y = √x; ∂y/∂x = 1/(2y). */
    record Sqrt() implements Pointwise {
        @Override
        public PointwiseFunction function() {
            return PointwiseFunction.SQRT;
        }

        @Override
        public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
            return gradient.div(output).mul(0.5);
        }

        @Override
        public boolean keepsOutput() {
            return true;
        }
    }

    /** y = eˣ; ∂y/∂x = y. */
    record Exp() implements Pointwise {
        @Override
        public PointwiseFunction function() {
            return PointwiseFunction.EXP;
        }

        @Override
        public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
            return gradient.mul(output);
        }

        @Override
        public boolean keepsOutput() {
            return true;
        }
    }

    /** y = ln x; ∂y/∂x = 1/x. */
    record Log() implements Pointwise {
        @Override
        public PointwiseFunction function() {
            return PointwiseFunction.LOG;
        }

        @Override
        public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
            return gradient.div(inputs.get(0));
        }

        @Override
        public boolean keepsInput(int argument) {
            return true;
        }
    }

    /** y = tanh x; ∂y/∂x = 1 − y². */
    record Tanh() implements Pointwise {
        @Override
        public PointwiseFunction function() {
            return PointwiseFunction.TANH;
        }

        @Override
        public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
            return gradient.sub(gradient.mul(output.square()));
        }

        @Override
        public boolean keepsOutput() {
            return true;
        }
    }

    /** y = 1/(1 + e⁻ˣ); ∂y/∂x = y·(1 − y). */
    record Sigmoid() implements Pointwise {
        @Override
        public PointwiseFunction function() {
            return PointwiseFunction.SIGMOID;
        }

        @Override
        public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
            return gradient.mul(output.sub(output.square()));
        }

        @Override
        public boolean keepsOutput() {
            return true;
        }
    }

    /** y = sin x; ∂y/∂x = cos x. */
    record Sin() implements Pointwise {
        @Override
        public PointwiseFunction function() {
            return PointwiseFunction.SIN;
        }

        @Override
        public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
            return gradient.mul(inputs.get(0).cos());
        }

        @Override
        public boolean keepsInput(int argument) {
            return true;
        }
    }

    /** y = cos x; ∂y/∂x = −sin x. */
    record Cos() implements Pointwise {
        @Override
        public PointwiseFunction function() {
            return PointwiseFunction.COS;
        }

        @Override
        public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
            return gradient.mul(inputs.get(0).sin()).neg();
        }

        @Override
        public boolean keepsInput(int argument) {
            return true;
        }
    }

    /** y = xᵃ for a constant a; ∂y/∂x = a·xᵃ⁻¹, and 0 if a is 0. */
    record Pow(double exponent) implements Pointwise {
        @Override
        public PointwiseFunction function() {
            return PointwiseFunction.POW;
        }

        @Override
        public double a() {
            return exponent;
        }

        @Override
        public String parameters() {
            return "" + (float) exponent;
        }

        @Override
        public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
            return gradient.mul(inputs.get(0).pow(exponent - 1).mul(exponent));
        }

        @Override
        public boolean isFlatIn(int argument) {
            return exponent == 0;
        }

        @Override
        public boolean keepsInput(int argument) {
            return true;
        }
    }

    /**
     * y = x if x &gt; 0, else slope·x; ∂y/∂x is 1 or slope, {@link LeakyReluGradient}. As the slope is not negative, y is
     * positive where x is: the product reads y, which the next layer keeps anyway.
     */
    record LeakyRelu(double slope) implements Pointwise {
        @Override
        public PointwiseFunction function() {
            return PointwiseFunction.LEAKY_RELU;
        }

        @Override
        public double a() {
            return slope;
        }

        @Override
        public String parameters() {
            return "" + (float) slope;
        }

        @Override
        public Shape shape(List<Shape> inputs) {
            Shape input = Shapes.unary(name(), inputs);
            if (!(slope >= 0)) {
                throw new IllegalArgumentException("leaky_relu: slope " + slope + " on input " + input + ", expected at least 0");
            }
            return input;
        }

        @Override
        public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
            return Tensor.apply(new LeakyReluGradient(slope), output, gradient);
        }

        @Override
        public boolean keepsOutput() {
            return true;
        }
    }

    /** y = max(x, minimum); ∂y/∂x = 1 where x ≥ minimum, else 0, and NaN where x is NaN, {@link ClampMinGradient}. */
    record ClampMin(double minimum) implements Pointwise {
        @Override
        public PointwiseFunction function() {
            return PointwiseFunction.CLAMP_MIN;
        }

        @Override
        public double a() {
            return minimum;
        }

        @Override
        public String parameters() {
            return "" + (float) minimum;
        }

        @Override
        public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
            return Tensor.apply(new ClampMinGradient(minimum), inputs.get(0), gradient);
        }

        @Override
        public boolean keepsInput(int argument) {
            return true;
        }
    }

    /** y = a + b; ∂y/∂a = ∂y/∂b = 1. */
    record Add() implements Pointwise {
        @Override
        public PointwiseFunction function() {
            return PointwiseFunction.ADD;
        }

        @Override
        public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
            return gradient.sumTo(inputs.get(argument).shape());
        }
    }

    /** y = a − b; ∂y/∂a = 1, ∂y/∂b = −1. */
    record Sub() implements Pointwise {
        @Override
        public PointwiseFunction function() {
            return PointwiseFunction.SUB;
        }

        @Override
        public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
            Tensor product = argument == 0 ? gradient : gradient.neg();
            return product.sumTo(inputs.get(argument).shape());
        }
    }

    /** y = a·b; ∂y/∂a = b, ∂y/∂b = a. */
    record Mul() implements Pointwise {
        @Override
        public PointwiseFunction function() {
            return PointwiseFunction.MUL;
        }

        @Override
        public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
            return gradient.mul(inputs.get(1 - argument)).sumTo(inputs.get(argument).shape());
        }

        @Override
        public boolean keepsInput(int argument) {
            return true;
        }
    }

    /** y = a/b; ∂y/∂a = 1/b, ∂y/∂b = −y/b. */
    record Div() implements Pointwise {
        @Override
        public PointwiseFunction function() {
            return PointwiseFunction.DIV;
        }

        @Override
        public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
            Tensor divisor = inputs.get(1);
            if (argument == 0) {
                return gradient.div(divisor).sumTo(inputs.get(0).shape());
            }
            // Summed first: the divisor is the same wherever it was broadcast to.
            return gradient.mul(output).sumTo(divisor.shape()).div(divisor).neg();
        }

        @Override
        public boolean keepsInput(int argument) {
            return argument == 1;
        }

        @Override
        public boolean keepsOutput() {
            return true;
        }
    }

    /**
     * y = xᶻ; ∂y/∂x = z·xᶻ⁻¹, and 0 where x and z are 0; ∂y/∂z = y·ln x, and 0 where x is 0 and z is not negative. Both products
     * compute those places with other numbers and then leave them out, so that derivatives of them are 0 too and not NaN.
     */
    record Power() implements Pointwise {
        @Override
        public PointwiseFunction function() {
            return PointwiseFunction.POWER;
        }

        @Override
        public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
            Tensor x = inputs.get(0);
            Tensor z = inputs.get(1);
            Tensor zero = Tensor.full(x.backend(), Shape.SCALAR, 0);
            Tensor flat = x.equal(zero).mul(argument == 0 ? z.equal(zero) : z.greater(zero).add(z.equal(zero)));
            Tensor base = x.add(flat);
            Tensor slope = argument == 0 ? z.mul(base.pow(z.add(-1))) : output.mul(base.log());
            Tensor product = gradient.mul(Tensor.apply(new Select(), flat.equal(zero), slope));
            return product.sumTo(inputs.get(argument).shape());
        }

        @Override
        public boolean keepsInput(int argument) {
            return true;
        }

        @Override
        public boolean keepsOutput() {
            return true;
        }
    }

    /** y = 1 where a &gt; b, else 0; both derivatives are 0. */
    record Greater() implements Step {
        @Override
        public PointwiseFunction function() {
            return PointwiseFunction.GREATER;
        }
    }

    /** y = 1 where a = b, else 0; both derivatives are 0. */
    record Equal() implements Step {
        @Override
        public PointwiseFunction function() {
            return PointwiseFunction.EQUAL;
        }
    }

    /** Of (c, x): x where c is not 0, else 0, even if x is infinite or NaN there. Linear in x; the derivative in c is 0. */
    record Select() implements Mask {
        @Override
        public PointwiseFunction function() {
            return PointwiseFunction.SELECT;
        }
    }

    /** Of (x, g): g where x &gt; 0, else slope·g. Linear in g; in x its derivative is 0 wherever it has one. */
    record LeakyReluGradient(double slope) implements Mask {
        @Override
        public PointwiseFunction function() {
            return PointwiseFunction.LEAKY_RELU_GRADIENT;
        }

        @Override
        public double a() {
            return slope;
        }

        @Override
        public String parameters() {
            return "" + (float) slope;
        }
    }

    /** Of (x, g): g where x ≥ minimum, 0 where it is less, NaN where x is NaN. Linear in g; in x its derivative is 0 wherever it has one. */
    record ClampMinGradient(double minimum) implements Mask {
        @Override
        public PointwiseFunction function() {
            return PointwiseFunction.CLAMP_MIN_GRADIENT;
        }

        @Override
        public double a() {
            return minimum;
        }

        @Override
        public String parameters() {
            return "" + (float) minimum;
        }
    }

    /** A function that is constant wherever it has a derivative. */
    sealed interface Step extends Pointwise {
        @Override
        default Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
            throw new IllegalStateException(name() + " is flat");
        }

        @Override
        default boolean isFlatIn(int argument) {
            return true;
        }
    }

    /** A function of (x, g) that is linear in g, and in x constant wherever it has a derivative. */
    sealed interface Mask extends Pointwise {
        @Override
        default Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
            if (argument == 0) {
                throw new IllegalStateException(name() + " is flat in its first input");
            }
            return Tensor.apply(this, inputs.get(0), gradient).sumTo(inputs.get(1).shape());
        }

        @Override
        default boolean isFlatIn(int argument) {
            return argument == 0;
        }

        @Override
        default boolean keepsInput(int argument) {
            return argument == 0;
        }
    }

    /** What it computes, of one argument or two. */
    PointwiseFunction function();

    /** The function's first parameter. */
    default double a() {
        return 0;
    }

    /** The function's second parameter. */
    default double b() {
        return 0;
    }

    @Override
    default String name() {
        return function().name().toLowerCase(Locale.ROOT);
    }

    @Override
    default Shape shape(List<Shape> inputs) {
        return function().arity() == 1 ? Shapes.unary(name(), inputs) : Shapes.broadcast(name(), inputs);
    }

    @Override
    default Optional<Kernel> kernel(List<Shape> inputs, Shape output) {
        return Optional.of(new Kernel.Pointwise(function(), a(), b()));
    }
}
