// SPDX-License-Identifier: Apache-2.0
package aulos.kernels;

import aulos.engine.Backend.Operand;
import java.util.function.Supplier;

/** Checks of what kernels are given. */
public final class Operands {
    private Operands() {}

    /**
     * Buffers are longer than what was asked for, so nothing else would notice that a kernel goes beyond it.
     *
     * @param what the message's first words
     * @throws IllegalArgumentException if the shape has more elements than its buffer
     */
    public static void requireRoom(Operand operand, Supplier<String> what) {
        if (operand.shape().size() > operand.buffer().length()) {
            throw new IllegalArgumentException(what.get() + ": shape " + operand.shape() + " has " + operand.shape().size()
                    + " elements, its buffer " + operand.buffer().length());
        }
    }
}
