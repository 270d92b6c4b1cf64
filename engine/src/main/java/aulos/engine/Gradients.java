// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * The gradients of one result in the tensors that were asked for, as a value: each has its tensor's shape and belongs to
 * the scope in which the gradients were taken. A tensor that the result does not depend on has a gradient of zeros.
 */
public final class Gradients {
    private final Map<Tensor, Tensor> byTensor = new IdentityHashMap<>();

    Gradients(List<Tensor> tensors, List<Tensor> gradients) {
        for (int i = 0; i < tensors.size(); i++) {
            byTensor.put(tensors.get(i), gradients.get(i));
        }
    }

    /**
     * The gradient in {@code tensor}.
     *
     * @throws IllegalArgumentException if it was not asked for
     */
    public Tensor of(Tensor tensor) {
        Tensor gradient = byTensor.get(tensor);
        if (gradient == null) {
            throw new IllegalArgumentException("no gradient in " + tensor + " was asked for");
        }
        return gradient;
    }
}
