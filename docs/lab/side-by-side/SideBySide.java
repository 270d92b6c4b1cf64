// SPDX-License-Identifier: Apache-2.0
import aulos.engine.*;
import aulos.engine.op.Op;
import aulos.engine.transform.Transforms;

void show(int task, Tensor... values) {
    StringBuilder text = new StringBuilder(task + ":");
    for (Tensor value : values) {
        Arrays.stream(value.toArray().doubles()).forEach(number -> text.append(" %.4f".formatted(number)));
    }
    IO.println(text);
}

// 10 an op of your own, its gradient checked
record Cube() implements Op {
    public String name() { return "cube"; }
    public Shape shape(List<Shape> inputs) { return inputs.getFirst(); }
    public Optional<Kernel> kernel(List<Shape> inputs, Shape output) {
        return Optional.of(new Kernel.Pointwise(PointwiseFunction.POW, 3, 0));
    }
    public Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
        return gradient.mul(inputs.get(0).square().mul(3));
    }
    public boolean keepsInput(int argument) { return true; }
}
void task10(Tensor x) {
    GradCheck.of(t -> Tensor.apply(new Cube(), t.get(0))).order(2).check(x.toArray()).require();
    show(10, Tensor.apply(new Cube(), x));
}
// end

void main() {
    try (Backend backend = Backends.open("reference"); Scope scope = Scope.open()) {
        Tensor x = Tensor.of(backend, Shape.of(3), 1, 2, -0.5).named("x");
        Tensor v = Tensor.of(backend, Shape.of(3), 0.5, -1, 2);
        UnaryOperator<Tensor> f = t -> t.tanh().mul(t).sum();
        UnaryOperator<Tensor> g = t -> t.square().tanh();

        task10(x);

        // 1 gradient
        Tensor slope = Transforms.grad(f).apply(x);
        show(1, slope);

        // 2 print the graph
        try (Tape tape = Tape.open()) {
            f.apply(x);
            System.err.print(tape);
        }

        // 3 Jᵀu
        try (Transforms.Vjp vjp = Transforms.vjp(g, x)) {
            show(3, vjp.pullback(v));
        }

        // 4 a gradient for each example
        Tensor perExample = Transforms.vmap(Transforms.grad(t -> t.square().sum().tanh())).apply(x.reshape(3, 1));
        show(4, perExample);

        // 5 sixth derivative of tanh
        UnaryOperator<Tensor> h = Tensor::tanh;
        for (int i = 0; i < 6; i++) {
            h = Transforms.grad(h);
        }
        Tensor sixth = h.apply(Tensor.of(backend, Shape.of(), 0.5));
        show(5, sixth);

        // 6 J·v
        Tensor tangent = Transforms.jvp(g, x, v).tangent();
        show(6, tangent);

        // 7 H·v
        Tensor curvature = Transforms.hvp(f, x, v);
        show(7, curvature);

        // 8 recompute instead of keep
        Tensor recomputed = Transforms.grad(t -> Tape.checkpointed(() -> f.apply(t))).apply(x);
        show(8, recomputed);

        // 9 gradient of a gradient penalty
        UnaryOperator<Tensor> penalty = t -> Transforms.grad(f).apply(t).square().sum().sqrt().add(-1).square();
        Tensor penaltySlope = Transforms.grad(penalty).apply(x);
        show(9, penaltySlope);
        // end
    }
}
