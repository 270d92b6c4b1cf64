// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * The gradients of one result in the tensors that were asked for, as a value: each has its tensor's shape and belongs to
 * the scope in which the gradients were taken. A tensor that the tape has seen but that the result does not depend on has
 * a gradient of zeros. One that the tape has not seen has none: {@link #of} says why, {@link #orZero} takes it for zeros.
 */
public final class Gradients {
    private final Map<Tensor, Tensor> byTensor = new IdentityHashMap<>();
    private final Map<Tensor, String> missing = new IdentityHashMap<>();

    /**
     * @param gradients one for each tensor, null where there is none
     * @param reasons why, where there is none
     */
    Gradients(List<Tensor> tensors, List<Tensor> gradients, List<String> reasons) {
        for (int i = 0; i < tensors.size(); i++) {
            if (gradients.get(i) != null) {
                byTensor.put(tensors.get(i).original(), gradients.get(i));
            } else {
                missing.put(tensors.get(i).original(), reasons.get(i));
            }
        }
    }

    /**
     * The gradient in {@code tensor}.
     *
     * @throws IllegalArgumentException if it was not asked for
     * @throws IllegalStateException if the tape has not seen the tensor, which says why
     */
    public Tensor of(Tensor tensor) {
        Tensor gradient = known(tensor);
        if (gradient == null) {
            throw new IllegalStateException("gradients: " + tensor.describe() + " " + missing.get(tensor.original())
                    + "; orZero takes its gradient for zeros");
        }
        return gradient;
    }

    /**
     * The gradient in {@code tensor}, or zeros if the tape has not seen it: for a parameter that a model may do without.
     *
     * @throws IllegalArgumentException if it was not asked for
     */
    public Tensor orZero(Tensor tensor) {
        Tensor gradient = known(tensor);
        return gradient != null ? gradient : Tensor.full(tensor.backend(), tensor.shape(), 0);
    }

    private Tensor known(Tensor tensor) {
        Tensor gradient = byTensor.get(tensor.original());
        if (gradient == null && !missing.containsKey(tensor.original())) {
            throw new IllegalArgumentException("gradients: none in " + tensor.describe() + " was asked for");
        }
        return gradient;
    }
}
