// SPDX-License-Identifier: Apache-2.0
import aulos.engine.*;
import aulos.engine.op.Op;

/** y = x³, by a kernel that is there; the derivative is for you to choose, right or wrong. */
record Cube(double factor, boolean keepsInput) implements Op {
    @Override
    public String name() {
        return "cube";
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        return inputs.getFirst();
    }

    @Override
    public Optional<Kernel> kernel(List<Shape> inputs, Shape output) {
        return Optional.of(new Kernel.Pointwise(PointwiseFunction.POW, 3, 0));
    }

    @Override
    public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
        return gradient.mul(inputs.get(0).square().mul(factor));
    }

    @Override
    public boolean keepsInput(int argument) {
        return keepsInput;
    }
}

/** The identity, with a gradient that turns round (Ganin and Lempitsky, arXiv 1409.7495). No kernel: memory is shared. */
record ReverseGradient() implements Op {
    @Override
    public String name() {
        return "reverse_gradient";
    }

    @Override
    public Shape shape(List<Shape> inputs) {
        return inputs.getFirst();
    }

    @Override
    public Optional<Kernel> kernel(List<Shape> inputs, Shape output) {
        return Optional.empty();
    }

    @Override
    public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
        return gradient.neg();
    }
}

void check(String what, Op op, int order) {
    NdArray at = NdArray.of(Shape.of(3), 0.5, -2.0, 1.0);
    try {
        GradCheck.Report report = GradCheck.of(x -> Tensor.apply(op, x.get(0).add(1))).order(order).check(at);
        IO.println("%s: order %d %s".formatted(what, order, report.passes() ? "passes" : "fails"));
    } catch (IllegalStateException refused) {
        IO.println(what + ": " + refused.getMessage());
    }
}

void main() {
    for (int order = 1; order <= 3; order++) {
        check("3·x²", new Cube(3, true), order);
    }
    check("2·x²", new Cube(2, true), 1);
    check("3·x², but x is not kept", new Cube(3, false), 1);

    try (Backend backend = Backends.open("reference"); Scope scope = Scope.open(); Tape tape = Tape.open()) {
        Tensor x = Tensor.of(backend, Shape.of(2), 1, 2);
        Tensor y = Tensor.apply(new ReverseGradient(), Tensor.apply(new Cube(3, true), x));
        IO.print(tape);
        IO.println("y = %s, ∂Σy/∂x = %s".formatted(y.toArray().values(),
                tape.gradients(y.sum(), List.of(x)).of(x).toArray().values()));
    }
}
