// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import java.util.Locale;

/** What the operands of convolutions are rounded to before they are multiplied. Everything else is float32, sums too. */
public enum Precision {
    /** Not at all: 24 bits. */
    FLOAT32,
    /** 11 bits, with float32's range. */
    TF32,
    /** 8 bits, with float32's range. */
    BF16;

    /** As {@code --precision} takes it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
