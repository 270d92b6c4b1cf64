// SPDX-License-Identifier: Apache-2.0
import aulos.engine.*;
import aulos.engine.op.*;

/** The line of an OpenCL source that defines a function, as the program carries it. */
String line(String file, String start) throws IOException {
    try (InputStream in = Backend.class.getClassLoader().getResourceAsStream("aulos/kernels/opencl/" + file)) {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().filter(text -> text.startsWith(start))
                .findFirst().orElseThrow();
    }
}

double[] run(Backend backend, double[] values) {
    try (Scope scope = Scope.open()) {
        return Tensor.of(backend, Shape.of(values.length), values).leakyRelu(0.1).toArray().doubles();
    }
}

void main() throws IOException {
    Op op = new Pointwise.LeakyRelu(0.1);
    List<Shape> shapes = List.of(Shape.of(1001));
    Kernel kernel = op.kernel(shapes, op.shape(shapes)).orElseThrow();
    IO.println("op      " + op);
    IO.println("kernel  " + kernel);
    IO.println("OpenCL  " + line("pointwise.cl", "POINTWISE(leaky_relu,"));

    double[] values = new Random(3).doubles(1001, -1, 1).toArray();
    double[] expected;
    try (Backend reference = Backends.open("reference")) {
        expected = run(reference, values);
    }
    double worst = 0;
    for (String device : List.of("cpu", "opencl")) {
        try (Backend backend = Backends.open(device)) {
            double[] found = run(backend, values);
            for (int i = 0; i < found.length; i++) {
                worst = Math.max(worst, Math.abs(found[i] - expected[i]));
            }
            System.err.println(device + ": " + backend.description());
        } catch (IllegalStateException absent) {
            System.err.println(device + ": skipped, " + absent.getMessage());
        }
    }
    IO.println("every device within 1e-7 of float64: " + (worst < 1e-7));
}
