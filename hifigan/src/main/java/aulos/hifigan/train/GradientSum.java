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
     * Makes the optimiser's step with the mean of what was added, here and by other replicas, and frees it. If the
     * gradient's norm over all parameters exceeds {@code maximumNorm}, it is scaled down to that.
     */
    void apply(AdamW optimiser, double maximumNorm, GradientExchange exchange) {
        Tape.paused(() -> {
            try (Scope scope = Scope.open()) {
                List<Tensor> gradients = exchange.mean(count == 1 ? sums
                        : sums.stream().map(gradient -> gradient.mul(1.0 / count)).toList());
                optimiser.step(maximumNorm == Double.POSITIVE_INFINITY ? gradients : clipped(gradients, maximumNorm));
            }
            return null;
        });
        owner.close();
    }

    /** Times min(1, maximum / (‖g‖ + ε)), all of it where the gradients are. */
    private static List<Tensor> clipped(List<Tensor> gradients, double maximum) {
        Tensor squares = gradients.stream().map(gradient -> Scope.run(() -> gradient.square().sum()))
                .reduce(Tensor::add).orElseThrow();
        Tensor share = Tensor.full(squares.backend(), squares.shape(), maximum).div(squares.sqrt().add(EPSILON));
        Tensor factor = share.neg().clampMin(-1).neg();
        return gradients.stream().map(gradient -> gradient.mul(factor)).toList();
    }
}
