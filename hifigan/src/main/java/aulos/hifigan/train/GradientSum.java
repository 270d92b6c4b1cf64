// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import aulos.engine.Gradients;
import aulos.engine.Scope;
import aulos.engine.Tape;
import aulos.engine.Tensor;
import aulos.engine.nn.AdamW;
import java.util.List;

/**
 * Gradients of the mean loss of some batches. A single batch's pass through untouched; sums belong to a scope of this
 * object's own until they are applied.
 */
final class GradientSum {
    /** As PyTorch's {@code clip_grad_norm_} has it. */
    private static final double EPSILON = 1e-6;

    private final List<Tensor> parameters;
    private final int batches;
    private final GradientExchange exchange;
    private final Scope owner = Scope.unattached();
    private final Tensor[] sums;
    private int count;

    /**
     * @param batches how many will be added
     * @param exchange is told of each mean while the last batch is still being differentiated
     */
    GradientSum(List<Tensor> parameters, int batches, GradientExchange exchange) {
        this.parameters = parameters;
        this.batches = batches;
        this.exchange = exchange;
        this.sums = new Tensor[parameters.size()];
    }

    /** Differentiates a loss; what the tape held for it is freed. */
    void add(Tape tape, Tensor loss) {
        try (Scope scope = Scope.open()) {
            count++;
            Gradients gradients = tape.gradients(loss, parameters, this::add);
            // Of one that the loss knows nothing of there is none, and this says so.
            parameters.forEach(gradients::of);
        }
    }

    private void add(int index, Tensor gradient) {
        Tensor sofar = sums[index];
        sums[index] = owner.adopt(sofar == null ? gradient : Tape.paused(
                () -> count < batches ? sofar.add(gradient) : sofar.add(gradient).mul(1.0 / batches)));
        if (sofar != null) {
            owner.release(sofar);
        }
        if (count == batches) {
            exchange.ready(index, sums[index]);
        }
    }

    /**
     * Makes the optimiser's step with the mean of what was added, here and by other replicas, and frees it. If the
     * gradient's norm over all parameters exceeds {@code maximumNorm}, it is scaled down to that.
     */
    void apply(AdamW optimiser, double maximumNorm) {
        if (count != batches) {
            throw new IllegalStateException("gradients of " + count + " batches, expected " + batches);
        }
        Tape.paused(() -> {
            try (Scope scope = Scope.open()) {
                List<Tensor> gradients = exchange.mean(List.of(sums));
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
