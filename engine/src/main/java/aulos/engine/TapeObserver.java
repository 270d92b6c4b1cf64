// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import aulos.engine.op.Op;
import java.util.List;

/**
 * Sees what happens while a {@link Tape} is open, forwards and backwards: {@link Tape#observe}. Every method does nothing
 * unless it is overridden. An observer reads; the operations that it runs itself are not recorded on the tape it observes,
 * and not shown to it.
 */
public interface TapeObserver {

    /** One vector–Jacobian product: what node number {@code index} passes back to its input {@code argument}. */
    record Product(int index, Tape.Node node, int argument) {
        public Tensor input() {
            return node.inputs().get(argument);
        }
    }

    /** Whether {@link Tape#checkpointed} is to record what it runs like anything else, so that this observer sees it. */
    default boolean seesThroughCheckpoints() {
        return false;
    }

    /** An op is about to run: recorded, paused, or as part of a product. */
    default void running(Op op, List<Tensor> inputs) {}

    /** The op of the last {@link #running} has run. */
    default void ran(Op op, List<Tensor> inputs, Tensor output) {}

    /** The op of the last {@link #ran} has become node number {@code index}. */
    default void recorded(int index, Tape.Node node) {}

    /** A tensor's values are read on the host; nothing of what depends on them there is on a tape. */
    default void downloaded(Tensor tensor) {}

    /** A tensor's values came from the host: a new tensor, or the result of the op that is running. */
    default void uploaded(Tensor tensor, NdArray values) {}

    /** An optimiser's kernel, as {@code adamw}, is about to change a tensor in place. Throw to refuse it. */
    default void updating(String kernel, Tensor tensor) {}

    /** A place that holds state, as a layer's buffer, is about to take another value. Throw to refuse it. */
    default void replacing(String place, Tensor old, Tensor value) {}

    /** {@code copy} is {@code source} without its past. */
    default void detached(Tensor source, Tensor copy) {}

    /** A backward pass begins at node number {@code last} (−1: at a leaf) with this gradient of its output. */
    default void backwardStarts(int last, Tensor gradient) {}

    /** The backward pass is about to compute a product with the gradient of the node's output. */
    default void productStarts(Product product, Tensor gradient) {}

    /** The product, and the sum of all products that the input has so far. */
    default void productEnds(Product product, Tensor value, Tensor sum) {}

    /** The backward pass has ended, or failed. */
    default void backwardEnds() {}
}
