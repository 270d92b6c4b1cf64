// SPDX-License-Identifier: Apache-2.0
package aulos.engine.study;

import aulos.engine.Backend;
import aulos.engine.NdArray;
import aulos.engine.Scope;
import aulos.engine.Tape;
import aulos.engine.TapeObserver;
import aulos.engine.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Two backends side by side: whatever the tape records, and each product of its backward pass, is computed on another
 * backend too, from the same leaves, and compared. Errors of earlier ops are in those of later ones, as in use.
 *
 * <pre>{@code
 * try (Microscope microscope = Microscope.on(tape, Backends.open("cpu"))) {
 *     tape.gradients(model.forward(x).square().mean(), optimiser.tensors());
 *     System.out.print(microscope.table());
 * }
 * }</pre>
 *
 * It holds all that the other backend computes until it is closed.
 */
public final class Microscope implements TapeObserver, AutoCloseable {

    /**
     * One op, or one product, on both backends.
     *
     * @param op its name, or ∂ and the name for a product
     * @param where its number on the tape and the argument of the product, as in {@code %3} and {@code %3 to 0}
     * @param error the largest difference, as a share of the largest value of the tape's backend; NaN if only one has one
     */
    public record Reading(String op, String where, String label, double error) {
        @Override
        public String toString() {
            return where + " " + op + (label.isEmpty() ? "" : " in " + label) + String.format(Locale.ROOT, ": %.2e", error);
        }
    }

    private final Backend other;
    private final Scope scope = Scope.unattached();
    private final Map<Tensor, Tensor> values = new IdentityHashMap<>();
    private final Map<Tensor, Tensor> gradients = new IdentityHashMap<>();
    private final List<Reading> readings = new ArrayList<>();
    private Tensor upstream;
    private int top;

    private Microscope(Backend other) {
        this.other = other;
    }

    /** Watches a tape from now on; {@code other} stays the caller's to close, later. */
    public static Microscope on(Tape tape, Backend other) {
        Microscope microscope = new Microscope(other);
        tape.observe(microscope);
        return microscope;
    }

    @Override
    public boolean seesThroughCheckpoints() {
        return true;
    }

    private Tensor twin(Tensor tensor) {
        return values.computeIfAbsent(tensor.original(), unseen -> upload(tensor));
    }

    private Tensor upload(Tensor tensor) {
        try (Scope inner = Scope.open()) {
            return scope.adopt(Tensor.of(other, tensor.toArray()));
        }
    }

    @Override
    public void recorded(int index, Tape.Node node) {
        try (Scope inner = Scope.open()) {
            Tensor[] inputs = node.inputs().stream().map(this::twin).toArray(Tensor[]::new);
            Tensor output = scope.adopt(Tensor.apply(node.op(), inputs));
            values.put(node.output().original(), output);
            readings.add(new Reading(node.op().name(), "%" + index, node.label(), error(node.output().toArray(), output.toArray())));
        }
    }

    @Override
    public void backwardStarts(int last, Tensor gradient) {
        gradients.clear();
        upstream = gradient;
        top = last;
    }

    @Override
    public void productStarts(Product product, Tensor gradient) {
        if (product.index() == top) {
            gradients.computeIfAbsent(product.node().output().original(), unseen -> upload(upstream));
        }
    }

    @Override
    public void productEnds(Product product, Tensor value, Tensor sum) {
        Tape.Node node = product.node();
        try (Scope inner = Scope.open()) {
            Tensor passed = node.op().vjp(product.argument(), node.inputs().stream().map(this::twin).toList(),
                    twin(node.output()), gradients.get(node.output().original()));
            Tensor before = gradients.get(product.input().original());
            gradients.put(product.input().original(), scope.adopt(before == null ? passed : before.add(passed)));
            readings.add(new Reading("∂" + node.op().name(), "%" + product.index() + " to " + product.argument(),
                    node.label(), error(value.toArray(), passed.toArray())));
        }
    }

    /** All so far, in the order they ran. */
    public List<Reading> readings() {
        return List.copyOf(readings);
    }

    /** The first op or product with a larger error; what comes later may only have inherited it. */
    public Optional<Reading> firstBeyond(double bound) {
        return readings.stream().filter(reading -> !(reading.error <= bound)).findFirst();
    }

    /** A line per op and direction, the largest error first: how many, the largest error, and where that was. */
    public String table() {
        Map<String, List<Reading>> byOp = new LinkedHashMap<>();
        readings.forEach(reading -> byOp.computeIfAbsent(reading.op, unseen -> new ArrayList<>()).add(reading));
        List<List<Reading>> lines = new ArrayList<>(byOp.values());
        lines.sort(Comparator.comparingDouble((List<Reading> line) -> worst(line).error).reversed()); // NaN is the largest
        StringBuilder table = new StringBuilder(String.format(Locale.ROOT, "%-28s %6s %10s  %s%n", "op", "count", "error", "at"));
        for (List<Reading> line : lines) {
            Reading worst = worst(line);
            table.append(String.format(Locale.ROOT, "%-28s %6d %10.2e  %s%n", worst.op, line.size(), worst.error,
                    (worst.where + " " + worst.label).strip()));
        }
        return table.toString();
    }

    private static Reading worst(List<Reading> line) {
        return line.stream().max(Comparator.comparingDouble(Reading::error)).orElseThrow();
    }

    private static double error(NdArray expected, NdArray actual) {
        double largest = 0;
        double difference = 0;
        for (int i = 0; i < expected.shape().size(); i++) {
            double a = expected.get(i);
            double b = actual.get(i);
            if (Double.isFinite(a) && Double.isFinite(b)) {
                largest = Math.max(largest, Math.abs(a));
                difference = Math.max(difference, Math.abs(a - b));
            } else if (Double.compare(a, b) != 0) {
                return Double.NaN;
            }
        }
        return difference == 0 ? 0 : difference / largest; // infinite where all should be 0
    }

    @Override
    public void close() {
        scope.close();
    }
}
