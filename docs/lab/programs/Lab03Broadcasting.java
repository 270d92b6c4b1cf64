// SPDX-License-Identifier: Apache-2.0
import aulos.engine.*;
import aulos.engine.transform.Transforms;

Backend backend;

/** Integers from −3 to 3, so that both sides of an equation agree to the last bit. */
Tensor integers(Shape shape, int seed) {
    return Tensor.of(backend, shape, new Random(seed).ints(shape.size(), -3, 4).asDoubleStream().toArray());
}

/** Prints ⟨A·x, y⟩ and ⟨x, Aᵀ·y⟩ of a linear function A. */
void compare(String name, UnaryOperator<Tensor> linear, int... shape) {
    try (Scope scope = Scope.open()) {
        Tensor x = integers(Shape.of(shape), 1);
        try (Transforms.Vjp a = Transforms.vjp(linear, x)) {
            Tensor y = integers(a.value().shape(), 2);
            Tensor back = a.pullback(y);
            IO.println("%-12s %-6s → %-8s ⟨Ax,y⟩ = %3.0f   ⟨x,Aᵀy⟩ = %3.0f".formatted(name, x.shape(), a.value().shape(),
                    a.value().mul(y).sum().item(), x.mul(back).sum().item()));
        }
    }
}

void main() {
    try (Backend opened = Backends.open("reference"); Scope scope = Scope.open(); Tape tape = Tape.open()) {
        backend = opened;
        Tensor x = Tensor.of(backend, Shape.of(2, 3), 1, 2, 3, 4, 5, 6).named("x");
        Tensor row = Tensor.of(backend, Shape.of(3), 10, 20, 30).named("row");
        Tensor column = Tensor.of(backend, Shape.of(2, 1), 100, 200).named("column");
        Tensor loss = x.mul(row).add(column).sum();
        Gradients gradients = tape.differentiableGradients(loss, List.of(x, row, column));
        IO.println("∂/∂x      = " + gradients.of(x).toArray().values());
        IO.println("∂/∂row    = " + gradients.of(row).toArray().values());
        IO.println("∂/∂column = " + gradients.of(column).toArray().values());
        IO.print(tape);

        compare("broadcast", t -> t.broadcastTo(Shape.of(4, 3)), 1, 3);
        compare("sum", t -> t.sum(0), 4, 3);
        compare("permute", t -> t.permute(1, 0), 2, 3);
        compare("slice", t -> t.slice(1, 1, 3), 2, 5);
        compare("pad", t -> t.pad(1, 2, 1), 2, 2);
        compare("gather", t -> t.gather(0, 2, 0, 2), 3, 2);
        compare("reflect pad", t -> t.reflectPad(2, 1), 1, 5);
        compare("frame", t -> t.frame(4, 2), 1, 8);
    }
}
