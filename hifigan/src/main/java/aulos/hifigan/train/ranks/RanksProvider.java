// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train.ranks;

import java.util.function.Consumer;

/** Connects the processes that a launcher has started; found by {@link java.util.ServiceLoader}. */
public interface RanksProvider {
    /**
     * Connects this process with the others. All of them call it.
     *
     * @param console takes lines for people, from any thread; on rank 0 alone
     * @param halfPrecision whether gradients travel as bfloat16, half the bytes, and are rounded to 8 bits for it
     * @throws IllegalStateException if that cannot be done, which says why
     */
    Ranks connect(Launch launch, boolean halfPrecision, Consumer<String> console);
}
