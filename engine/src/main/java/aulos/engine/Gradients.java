// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import java.util.IdentityHashMap;
import java.util.Map;

/**
 * The gradients of one result in the tensors that were asked for, as a value: each has its tensor's shape and belongs to
 * the scope in which the gradients were taken. A tensor that the tape has seen but that the result does not depend on has
 * a gradient of zeros. One that the tape has not seen has none: {@link #of} says why, {@link #orZero} takes it for zeros.
 * One whose gradient would lack a part, since the tape has not seen all of the way to the result, has none either.
 */
public final class Gradients {
    private final Map<Tensor, Tensor> byTensor = new IdentityHashMap<>();
    private final Map<Tensor, String> unseen = new IdentityHashMap<>();
    private final Map<Tensor, String> refused = new IdentityHashMap<>();

    Gradients() {}

    void found(Tensor tensor, Tensor gradient) {
        byTensor.put(tensor.original(), gradient);
    }

    /** @param why the tape has not seen it */
    void unseen(Tensor tensor, String why) {
        unseen.put(tensor.original(), why);
    }

    /** @param why it would be wrong */
    void refused(Tensor tensor, String why) {
        refused.put(tensor.original(), why);
    }

    /**
     * The gradient in {@code tensor}.
     *
     * @throws IllegalArgumentException if it was not asked for
     * @throws IllegalStateException if the tape has not seen the tensor, or not all of the way from it to the result; it
     *     says why
     */
    public Tensor of(Tensor tensor) {
        Tensor gradient = known(tensor);
        if (gradient == null) {
            throw new IllegalStateException("gradients: " + tensor.describe() + " " + unseen.get(tensor.original())
                    + "; orZero takes its gradient for zeros");
        }
        return gradient;
    }

    /**
     * The gradient in {@code tensor}, or zeros if the tape has not seen it: for a parameter that a model may do without.
     *
     * @throws IllegalArgumentException if it was not asked for
     * @throws IllegalStateException if the tape has seen it, but not all of the way from it to the result
     */
    public Tensor orZero(Tensor tensor) {
        Tensor gradient = known(tensor);
        return gradient != null ? gradient : Tensor.full(tensor.backend(), tensor.shape(), 0);
    }

    /** Null if it was unseen. */
    private Tensor known(Tensor tensor) {
        String why = refused.get(tensor.original());
        if (why != null) {
            throw new IllegalStateException("gradients: the one in " + tensor.describe() + " " + why);
        }
        Tensor gradient = byTensor.get(tensor.original());
        if (gradient == null && !unseen.containsKey(tensor.original())) {
            throw new IllegalArgumentException("gradients: none in " + tensor.describe() + " was asked for");
        }
        return gradient;
    }
}
