// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import aulos.engine.Tensor;
import java.util.List;

/** Turns the gradients of one replica of a model into the mean over all replicas. */
@FunctionalInterface
interface GradientExchange {
    /** There is but one replica. */
    GradientExchange ALONE = gradients -> gradients;

    /**
     * Waits for the other replicas.
     *
     * @return tensors of the innermost scope, in the same order
     */
    List<Tensor> mean(List<Tensor> gradients);
}
