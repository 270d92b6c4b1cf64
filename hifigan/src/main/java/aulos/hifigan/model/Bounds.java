// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.model;

/** Range checks whose messages name the key of {@code config.json}. */
final class Bounds {
    private Bounds() {}

    static void check(String key, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(key + " is " + value + ", expected " + min + " to " + max);
        }
    }

    static void check(String key, double value, double min, double max) {
        // Negated, so that NaN is refused too.
        if (!(value >= min && value <= max)) {
            throw new IllegalArgumentException(key + " is " + value + ", expected " + min + " to " + max);
        }
    }
}
