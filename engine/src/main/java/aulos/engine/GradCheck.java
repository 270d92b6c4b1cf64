// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import aulos.engine.op.Reshape;
import aulos.engine.reference.ReferenceBackend;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Function;

/**
 * Compares gradients with central differences in float64 on the reference backend. The function is weighted with a fixed
 * random upstream tensor, so every entry of its Jacobian takes part; the second order is the gradient of the first
 * gradient weighted likewise, and so on.
 *
 * <pre>{@code
 * GradCheck.of(x -> x.get(0).matmul(x.get(1)).tanh()).order(2).step(1e-4).relative(1e-5)
 *         .check(a, c).require();
 * }</pre>
 *
 * The function runs in a scope of its own, so an op whose product reads what it does not keep fails. The forward mode is
 * checked too, against the same gradients: u·(J·t) = (Jᵀ·u)·t for a random t. Keep inputs further than the step from kinks
 * (leaky ReLU and |x| at 0): a difference across one is neither slope.
 */
public final class GradCheck {
    private static final int WORST = 10;

    /**
     * One derivative.
     *
     * @param input which input, or −1 for the forward mode in all of them
     * @param element row-major in that input
     * @param expected the difference; for the forward mode, what the gradients give
     * @param error |actual − expected| / max(1, |expected|)
     * @param excess |actual − expected| / (absolute + relative·|expected|): above 1 it fails
     */
    public record Entry(int input, int element, double actual, double expected, double error, double excess) {
        private String where() {
            return input < 0 ? "forward mode: " + actual + ", gradients " + expected
                    : "input " + input + ", element " + element + ": analytic " + actual + ", numeric " + expected;
        }
    }

    /**
     * What was found.
     *
     * @param count how many derivatives were compared
     * @param worst those with the largest errors, the worst first; one that is not a number is worse than any
     */
    public record Report(int count, List<Entry> worst) {
        /** The largest of all errors; NaN if one is. */
        public double error() {
            return worst.getFirst().error;
        }

        /** @throws AssertionError if an error is above {@code bound}, or not a number */
        public void requireBelow(double bound) {
            if (!(error() <= bound)) {
                throw new AssertionError("gradient error " + error() + " above " + bound + " at "
                        + worst.getFirst().where());
            }
        }

        /** Whether all are within the tolerance that was set. */
        public boolean passes() {
            return worst.stream().allMatch(entry -> entry.excess <= 1);
        }

        /** @throws AssertionError with the {@link #table} unless all are within the tolerance that was set */
        public void require() {
            if (!passes()) {
                throw new AssertionError("gradients differ by more than the tolerance\n" + table());
            }
        }

        /** One line for each of the worst: input, element, both values, error, and its share of the tolerance. */
        public String table() {
            StringBuilder table = new StringBuilder(String.format(Locale.ROOT, "%-8s %8s %16s %16s %10s %10s%n",
                    "input", "element", "analytic", "numeric", "error", "tolerance"));
            for (Entry entry : worst) {
                table.append(String.format(Locale.ROOT, "%-8s %8s %16.9g %16.9g %10.2e %9.3g×%n",
                        entry.input < 0 ? "jvp" : String.valueOf(entry.input),
                        entry.input < 0 ? "" : String.valueOf(entry.element), entry.actual, entry.expected, entry.error,
                        entry.excess));
            }
            return table.toString();
        }
    }

    private final Function<List<Tensor>, Tensor> function;
    private int order = 1;
    private double step = 1e-5;
    private boolean extrapolated;
    private double absolute = 1e-6;
    private double relative = 1e-6;
    private Backend backend;

    private GradCheck(Function<List<Tensor>, Tensor> function) {
        this.function = function;
    }

    /** Checks the first derivatives of {@code function} in all inputs. */
    public static Report firstOrder(Function<List<Tensor>, Tensor> function, NdArray... inputs) {
        return of(function).check(inputs);
    }

    /** Checks the second derivatives: the first derivatives of the gradients of {@code function}. */
    public static Report secondOrder(Function<List<Tensor>, Tensor> function, NdArray... inputs) {
        return of(function).order(2).check(inputs);
    }

    /** A check of first derivatives with steps of 1e-5 and tolerances of 1e-6, all in float64, unless told otherwise. */
    public static GradCheck of(Function<List<Tensor>, Tensor> function) {
        return new GradCheck(function);
    }

    /** Which derivative is compared with the difference of the one before; 1: the gradient. */
    public GradCheck order(int derivative) {
        if (derivative < 1) {
            throw new IllegalArgumentException("GradCheck: order " + derivative + ", expected at least 1");
        }
        order = derivative;
        return this;
    }

    /** How far the differences go to each side. */
    public GradCheck step(double size) {
        step = size;
        return this;
    }

    /**
     * Extrapolates differences of the step and of half of it to a step of 0 (Richardson): the error goes with the fourth
     * power of the step and not the second, so that the step can be large enough to outweigh rounding.
     */
    public GradCheck extrapolated() {
        extrapolated = true;
        return this;
    }

    /** The absolute tolerance. */
    public GradCheck absolute(double tolerance) {
        absolute = tolerance;
        return this;
    }

    /** The tolerance as a share of the derivative's size. */
    public GradCheck relative(double tolerance) {
        relative = tolerance;
        return this;
    }

    /** Takes the gradients on another backend; the differences stay in float64 on the reference. */
    public GradCheck on(Backend other) {
        backend = other;
        return this;
    }

    /** Compares every derivative at these inputs. */
    public Report check(NdArray... inputs) {
        return check(List.of(inputs));
    }

    private Report check(List<NdArray> inputs) {
        List<Entry> entries = new ArrayList<>();
        try (ReferenceBackend reference = new ReferenceBackend()) {
            List<double[]> analytic = analytic(inputs, backend == null ? reference : backend, entries);
            for (int i = 0; i < inputs.size(); i++) {
                for (int j = 0; j < inputs.get(i).shape().size(); j++) {
                    entries.add(entry(i, j, analytic.get(i)[j], numeric(inputs, i, j, reference)));
                }
            }
        }
        if (entries.isEmpty()) {
            throw new IllegalArgumentException("GradCheck: no inputs, expected at least 1");
        }
        entries.sort(Comparator.comparingDouble(Entry::excess).reversed()); // NaN counts as the largest
        return new Report(entries.size(), List.copyOf(entries.subList(0, Math.min(WORST, entries.size()))));
    }

    private Entry entry(int input, int element, double actual, double expected) {
        double difference = actual == expected ? 0 : Math.abs(actual - expected); // two infinities are equal
        return new Entry(input, element, actual, expected, difference / Math.max(1, Math.abs(expected)),
                difference / (absolute + relative * Math.abs(expected)));
    }

    private List<double[]> analytic(List<NdArray> inputs, Backend device, List<Entry> entries) {
        try (Scope scope = Scope.open(); Tape tape = Tape.open()) {
            List<Tensor> tensors = upload(inputs, device);
            Tensor result = Scope.run(() -> scalar(tensors, tape));
            List<Tensor> tangents = new ArrayList<>();
            tensors.forEach(tensor -> tangents.add(random(tensor, 7 + tangents.size())));
            double forward = Tape.paused(() -> tape.tangent(result, tensors, tangents)).item();
            Gradients gradients = tape.gradients(result, tensors);
            tape.check();
            double reverse = 0;
            List<double[]> found = new ArrayList<>();
            for (int i = 0; i < tensors.size(); i++) {
                Tensor gradient = gradients.orZero(tensors.get(i));
                reverse += Tape.paused(() -> gradient.mul(tangents.get(found.size())).sum()).item();
                found.add(gradient.toArray().doubles());
            }
            entries.add(entry(-1, 0, forward, reverse));
            return found;
        }
    }

    private double numeric(List<NdArray> inputs, int input, int element, Backend device) {
        double whole = difference(inputs, input, element, step, device);
        return extrapolated ? (4 * difference(inputs, input, element, step / 2, device) - whole) / 3 : whole;
    }

    private double difference(List<NdArray> inputs, int input, int element, double size, Backend device) {
        double above = evaluate(shifted(inputs, input, element, size), device);
        double below = evaluate(shifted(inputs, input, element, -size), device);
        return (above - below) / (2 * size);
    }

    private double evaluate(List<NdArray> inputs, Backend device) {
        try (Scope scope = Scope.open(); Tape tape = Tape.open()) {
            return scalar(upload(inputs, device), tape).item();
        }
    }

    /** The function weighted, or the derivative of {@link #order} − 1 weighted. */
    private Tensor scalar(List<Tensor> tensors, Tape tape) {
        // Copies, freed with all the rest: a product that reads an input has to keep it.
        List<Tensor> copies = tensors.stream().map(tensor -> Tensor.apply(new Reshape(tensor.shape()), tensor)).toList();
        Tensor value = weighted(function.apply(copies), 1);
        for (int i = 1; i < order; i++) {
            Gradients gradients = tape.differentiableGradients(value, tensors);
            Tensor sum = null;
            for (int k = 0; k < tensors.size(); k++) {
                Tensor term = weighted(gradients.orZero(tensors.get(k)), 2 + k + (long) i * tensors.size());
                sum = sum == null ? term : sum.add(term);
            }
            value = sum;
        }
        return value;
    }

    /** Σ tensor·upstream with an upstream that depends on the seed alone. */
    private static Tensor weighted(Tensor tensor, long seed) {
        return tensor.mul(random(tensor, seed)).sum();
    }

    private static Tensor random(Tensor like, long seed) {
        double[] values = new SplittableRandom(seed).doubles(like.shape().size(), -1, 1).toArray();
        return Tensor.of(like.backend(), like.shape(), values);
    }

    private static List<Tensor> upload(List<NdArray> inputs, Backend device) {
        return inputs.stream().map(input -> Tensor.of(device, input)).toList();
    }

    private static List<NdArray> shifted(List<NdArray> inputs, int input, int element, double by) {
        List<NdArray> changed = new ArrayList<>(inputs);
        double[] values = inputs.get(input).doubles().clone();
        values[element] += by;
        changed.set(input, NdArray.of(inputs.get(input).shape(), values));
        return changed;
    }
}
