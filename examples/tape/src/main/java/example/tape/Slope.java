package example.tape;

import aulos.engine.Backend;
import aulos.engine.Backends;
import aulos.engine.Scope;
import aulos.engine.Shape;
import aulos.engine.Tape;
import aulos.engine.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The slope of x·tanh x at 0.5, and the tape that it was read from. Keeps both numbers in a file and reads them again. */
public final class Slope {
    private Slope() {}

    public static void main(String[] arguments) throws IOException {
        try (Backend backend = Backends.open("reference"); Scope scope = Scope.open(); Tape tape = Tape.open()) {
            Tensor x = Tensor.of(backend, Shape.SCALAR, 0.5).named("x");
            Tensor y = x.mul(x.tanh());
            Tensor gradient = tape.gradients(y, List.of(x)).of(x);
            double slope = gradient.item();
            System.out.print(tape);
            System.out.println("dy/dx = " + slope);
            double expected = Math.tanh(0.5) + 0.5 * (1 - Math.pow(Math.tanh(0.5), 2));
            if (Math.abs(slope - expected) > 1e-12) {
                throw new AssertionError("expected " + expected);
            }
            Path file = Path.of(arguments[0]);
            Tensor.save(file, Map.of("x", x, "slope", gradient));
            double read = Tensor.load(backend, file).get("slope").item();
            System.out.println(file + " holds " + read);
            if (read != slope) {
                throw new AssertionError("expected " + slope);
            }
        }
    }
}
