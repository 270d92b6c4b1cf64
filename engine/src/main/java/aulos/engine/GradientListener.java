// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

/** Is given the gradients of one backward pass as they become complete, the last layer's first. */
@FunctionalInterface
public interface GradientListener {
    /** Is not interested. */
    GradientListener NONE = (index, gradient) -> {};

    /**
     * A gradient is complete: nothing will be added to it any more. Called once for each tensor that was asked for and that
     * the tape has seen, in an order that depends on the recorded operations only.
     *
     * @param index of the tensor among those that were asked for
     * @param gradient belongs to the scope in which the gradients are taken
     */
    void found(int index, Tensor gradient);
}
