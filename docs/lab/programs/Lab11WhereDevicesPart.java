// SPDX-License-Identifier: Apache-2.0
import aulos.engine.*;

/** ln(1 + x) for small x, as one should not write it, and its mean. */
Tensor program(Tensor x) {
    return x.add(1000).mul(0.001).log().mul(1000).mean();
}

double error(NdArray found, NdArray expected) {
    double worst = 0;
    for (int i = 0; i < expected.shape().size(); i++) {
        worst = Math.max(worst, Math.abs(found.get(i) - expected.get(i)) / Math.abs(expected.get(i)));
    }
    return worst;
}

void main() {
    NdArray values = NdArray.of(Shape.of(4), 0.001, 0.1, 0.25, 0.5);
    try (Backend exact = Backends.open("reference"); Backend device = Backends.open("cpu"); Scope scope = Scope.open();
            Tape right = Tape.open()) {
        program(Tensor.of(exact, values));
        right.stop();
        List<Tape.Node> rightNodes = right.nodes();
        try (Tape found = Tape.open()) {
            program(Tensor.of(device, values));
            found.stop();
            IO.println("node           from exact inputs   from its own past");
            String first = null;
            for (int i = 0; i < rightNodes.size(); i++) {
                Tape.Node node = rightNodes.get(i);
                NdArray expected = node.output().toArray();
                // The op alone, from the exact inputs rounded to float32.
                Tensor[] inputs = node.inputs().stream().map(input -> Tensor.of(device, input.toArray())).toArray(Tensor[]::new);
                double alone = error(Tensor.apply(node.op(), inputs).toArray(), expected);
                double whole = error(found.nodes().get(i).output().toArray(), expected);
                IO.println("%%%d %-8s %20s %19s".formatted(i, node.op().name(), order(alone), order(whole)));
                if (first == null && whole > 1e-5) {
                    first = "%" + i + " " + node.op().name();
                }
            }
            IO.println("first beyond 1e-5: " + first);
        }
    }
}

/** The power of ten below an error. */
String order(double error) {
    return error < 1e-8 ? "below 1e-8" : "1e%d".formatted((int) Math.floor(Math.log10(error)));
}
