// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.model;

/** Range checks whose messages name the key of {@code config.json}. */
final class Bounds {
    /** Stands for an integer that a configuration lacks, or has in a form that is none; NaN does for other numbers. */
    static final int ABSENT = Integer.MIN_VALUE;

    private Bounds() {}

    static void check(String key, long value, long min, long max) {
        if (value == ABSENT) {
            throw new IllegalArgumentException(
                    key + " is missing or not an integer, expected " + min + " to " + max);
        }
        if (value < min || value > max) {
            throw new IllegalArgumentException(key + " is " + value + ", expected " + min + " to " + max);
        }
    }

    static void check(String key, double value, double min, double max) {
        if (Double.isNaN(value)) {
            throw new IllegalArgumentException(key + " is missing or not a number, expected " + min + " to " + max);
        }
        if (value < min || value > max) {
            throw new IllegalArgumentException(key + " is " + value + ", expected " + min + " to " + max);
        }
    }
}
