package example.tape;

import aulos.engine.Backend;
import aulos.engine.Backends;
import aulos.engine.Scope;
import aulos.engine.Shape;
import aulos.engine.Tape;
import aulos.engine.Tensor;
import java.util.List;

/** The slope of x·tanh x at 0.5, and the tape that it was read from. */
public final class Slope {
    private Slope() {}

    public static void main(String[] arguments) {
        try (Backend backend = Backends.open("reference"); Scope scope = Scope.open(); Tape tape = Tape.open()) {
            Tensor x = Tensor.of(backend, Shape.SCALAR, 0.5).named("x");
            Tensor y = x.mul(x.tanh());
            double slope = tape.gradients(y, List.of(x)).of(x).item();
            System.out.print(tape);
            System.out.println("dy/dx = " + slope);
            double expected = Math.tanh(0.5) + 0.5 * (1 - Math.pow(Math.tanh(0.5), 2));
            if (Math.abs(slope - expected) > 1e-12) {
                throw new AssertionError("expected " + expected);
            }
        }
    }
}
