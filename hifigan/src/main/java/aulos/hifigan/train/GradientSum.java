// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import aulos.engine.Gradients;
import aulos.engine.Scope;
import aulos.engine.Tape;
import aulos.engine.Tensor;
import aulos.engine.nn.AdamW;
import java.util.ArrayList;
import java.util.List;

/**
 * Gradients of the mean loss of some batches. A single batch's pass through untouched; sums belong to a scope of this
 * object's own until they are applied.
 */
final class GradientSum {
    /** As PyTorch's {@code clip_grad_norm_} has it. */
    private static final double EPSILON = 1e-6;

    private final List<Tensor> parameters;
    private final Scope owner = Scope.unattached();
    private List<Tensor> sums = List.of();
    private int count;

    GradientSum(List<Tensor> parameters) {
        this.parameters = parameters;
    }

    /** Differentiates a loss; what the tape held for it is freed. */
    void add(Tape tape, Tensor loss) {
        try (Scope scope = Scope.open()) {
            Gradients gradients = tape.gradients(loss, parameters);
            List<Tensor> next = new ArrayList<>();
            for (int i = 0; i < parameters.size(); i++) {
                Tensor gradient = gradients.of(parameters.get(i));
                if (count == 0) {
                    next.add(owner.adopt(gradient));
                } else {
                    Tensor sofar = sums.get(i);
                    next.add(owner.adopt(Tape.paused(() -> sofar.add(gradient))));
                    owner.release(sofar);
                }
            }
            sums = next;
            count++;
        }
    }

    /**
     * Makes the optimiser's step with the mean of what was added, and frees it. If the gradient's norm over all
     * parameters exceeds {@code maximumNorm}, it is scaled down to that.
     */
    void apply(AdamW optimiser, double maximumNorm) {
        Tape.paused(() -> {
            try (Scope scope = Scope.open()) {
                double scale = 1.0 / count;
                if (maximumNorm < Double.POSITIVE_INFINITY) {
                    scale *= Math.min(1, maximumNorm / (scale * norm() + EPSILON));
                }
                double factor = scale;
                optimiser.step(factor == 1 ? sums : sums.stream().map(gradient -> gradient.mul(factor)).toList());
            }
            return null;
        });
        owner.close();
    }

    private double norm() {
        double squares = 0;
        for (Tensor gradient : sums) {
            try (Scope scope = Scope.open()) {
                squares += gradient.square().sum().item();
            }
        }
        return Math.sqrt(squares);
    }
}
