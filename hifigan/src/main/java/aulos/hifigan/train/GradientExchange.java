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
     * A gradient of this replica is complete, while others are still being computed.
     *
     * @param index of it in the list that {@link #mean} will be given
     */
    default void ready(int index, Tensor gradient) {}

    /**
     * Waits for the other replicas.
     *
     * @return tensors of the innermost scope, in the same order
     */
    List<Tensor> mean(List<Tensor> gradients);
}
