// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.model;

import java.util.Map;

/** Range checks whose messages name the key of {@code config.json}. */
final class Bounds {
    /** Stands for an integer that a configuration lacks, or has in a form that is none; NaN does for other numbers. */
    static final int ABSENT = Integer.MIN_VALUE;

    private Bounds() {}

    static void check(String key, long value, long min, long max) {
        check(key, value, min, max, Map.of());
    }

    /** @param unusable what the file says under keys whose values are {@link #ABSENT}; missing are those it lacks */
    static void check(String key, long value, long min, long max, Map<String, String> unusable) {
        if (value == ABSENT) {
            throw new IllegalArgumentException(
                    unusable(key, unusable) + ", expected an integer from " + min + " to " + max);
        }
        if (value < min || value > max) {
            throw new IllegalArgumentException(key + " is " + value + ", expected " + min + " to " + max);
        }
    }

    static void check(String key, double value, double min, double max) {
        check(key, value, min, max, Map.of());
    }

    /** As for integers, of keys whose values are NaN. */
    static void check(String key, double value, double min, double max, Map<String, String> unusable) {
        if (Double.isNaN(value)) {
            throw new IllegalArgumentException(unusable(key, unusable) + ", expected a number from " + min + " to " + max);
        }
        if (value < min || value > max) {
            throw new IllegalArgumentException(key + " is " + value + ", expected " + min + " to " + max);
        }
    }

    private static String unusable(String key, Map<String, String> unusable) {
        return key + " is " + unusable.getOrDefault(key, "missing");
    }
}
