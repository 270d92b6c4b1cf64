// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import aulos.engine.reference.ReferenceBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * Compares gradients with central differences in float64 on the reference backend. The function is weighted with a fixed
 * random upstream tensor, so every entry of its Jacobian takes part; second order checks the gradient of the first
 * gradient likewise. Keep inputs at least 1e-3 away from kinks (leaky ReLU and |x| at 0): a difference across one is
 * neither slope.
 */
public final class GradCheck {
    private static final double STEP = 1e-5;

    /**
     * The largest error found.
     *
     * @param error |analytic − numeric| / max(1, |numeric|)
     * @param where input and element, as in {@code input 1, element 12: analytic 0.5, numeric 0.25}
     */
    public record Report(double error, String where) {
        /** @throws AssertionError if the error is above {@code bound} */
        public void requireBelow(double bound) {
            if (!(error <= bound)) {
                throw new AssertionError("gradient error " + error + " above " + bound + " at " + where);
            }
        }
    }

    private GradCheck() {}

    /** Checks the first derivatives of {@code function} in all inputs. */
    public static Report firstOrder(Function<List<Tensor>, Tensor> function, NdArray... inputs) {
        return compare((tensors, tape) -> weighted(function.apply(tensors), 1), List.of(inputs));
    }

    /** Checks the second derivatives: the first derivatives of the gradients of {@code function}. */
    public static Report secondOrder(Function<List<Tensor>, Tensor> function, NdArray... inputs) {
        return compare((tensors, tape) -> gradientSum(function, tensors, tape), List.of(inputs));
    }

    private static Tensor gradientSum(Function<List<Tensor>, Tensor> function, List<Tensor> tensors, Tape tape) {
        Gradients first = tape.differentiableGradients(weighted(function.apply(tensors), 1), tensors);
        Tensor sum = null;
        for (int i = 0; i < tensors.size(); i++) {
            Tensor term = weighted(first.of(tensors.get(i)), 2 + i);
            sum = sum == null ? term : sum.add(term);
        }
        return sum;
    }

    /** Σ tensor·upstream with an upstream that depends on the seed alone. */
    private static Tensor weighted(Tensor tensor, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] upstream = random.doubles(tensor.shape().size(), -1, 1).toArray();
        return tensor.mul(Tensor.of(tensor.backend(), tensor.shape(), upstream)).sum();
    }

    private static Report compare(BiFunction<List<Tensor>, Tape, Tensor> scalar, List<NdArray> inputs) {
        Report worst = new Report(0, "nowhere");
        try (ReferenceBackend backend = new ReferenceBackend()) {
            List<double[]> analytic = analytic(scalar, inputs, backend);
            for (int i = 0; i < inputs.size(); i++) {
                for (int j = 0; j < inputs.get(i).shape().size(); j++) {
                    double numeric = (evaluate(scalar, shifted(inputs, i, j, STEP), backend)
                            - evaluate(scalar, shifted(inputs, i, j, -STEP), backend)) / (2 * STEP);
                    double error = Math.abs(analytic.get(i)[j] - numeric) / Math.max(1, Math.abs(numeric));
                    if (!(error <= worst.error)) {
                        worst = new Report(error, "input " + i + ", element " + j + ": analytic "
                                + analytic.get(i)[j] + ", numeric " + numeric);
                    }
                }
            }
        }
        return worst;
    }

    private static List<double[]> analytic(
            BiFunction<List<Tensor>, Tape, Tensor> scalar, List<NdArray> inputs, Backend backend) {
        try (Scope scope = Scope.open(); Tape tape = Tape.open()) {
            List<Tensor> tensors = upload(inputs, backend);
            Tensor result = scalar.apply(tensors, tape);
            Gradients gradients = tape.gradients(result, tensors);
            tape.check();
            return tensors.stream().map(tensor -> gradients.of(tensor).toArray().doubles()).toList();
        }
    }

    private static double evaluate(BiFunction<List<Tensor>, Tape, Tensor> scalar, List<NdArray> inputs, Backend backend) {
        try (Scope scope = Scope.open(); Tape tape = Tape.open()) {
            return scalar.apply(upload(inputs, backend), tape).item();
        }
    }

    private static List<Tensor> upload(List<NdArray> inputs, Backend backend) {
        return inputs.stream().map(input -> Tensor.of(backend, input)).toList();
    }

    private static List<NdArray> shifted(List<NdArray> inputs, int input, int element, double step) {
        List<NdArray> changed = new ArrayList<>(inputs);
        double[] values = inputs.get(input).doubles().clone();
        values[element] += step;
        changed.set(input, NdArray.of(inputs.get(input).shape(), values));
        return changed;
    }
}
