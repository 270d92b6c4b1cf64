// SPDX-License-Identifier: Apache-2.0
package aulos.engine.study;

import aulos.engine.NdArray;
import java.util.Locale;

/**
 * What a page stores of a tensor's values, in constant space. All are over the finite values.
 *
 * @param bins how many values lie in each of equal parts of [min, max], as a share of the fullest, 0 to 63
 * @param others how many values are NaN or infinite
 */
record Summary(double min, double max, double mean, double deviation, long others, String bins) {
    private static final int BINS = 24;
    private static final String DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    static Summary of(NdArray array) {
        int size = array.shape().size();
        double min = Double.POSITIVE_INFINITY;
        double max = Double.NEGATIVE_INFINITY;
        double sum = 0;
        long finite = 0;
        for (int i = 0; i < size; i++) {
            double value = array.get(i);
            if (Double.isFinite(value)) {
                min = Math.min(min, value);
                max = Math.max(max, value);
                sum += value;
                finite++;
            }
        }
        if (finite == 0) {
            return new Summary(0, 0, 0, 0, size, "");
        }
        double mean = sum / finite;
        double squares = 0;
        long[] counts = new long[BINS];
        for (int i = 0; i < size; i++) {
            double value = array.get(i);
            if (Double.isFinite(value)) {
                squares += (value - mean) * (value - mean);
                double place = max > min ? (value / 2 - min / 2) / (max / 2 - min / 2) : 0.5; // halves do not overflow
                counts[(int) Math.min(BINS - 1, place * BINS)]++;
            }
        }
        return new Summary(min, max, mean, Math.sqrt(squares / finite), size - finite, digits(counts));
    }

    private static String digits(long... counts) {
        long most = 1;
        for (long count : counts) {
            most = Math.max(most, count);
        }
        StringBuilder text = new StringBuilder();
        for (long count : counts) {
            // Whatever is there at all shows.
            text.append(DIGITS.charAt((int) Math.ceilDiv(count * (DIGITS.length() - 1), most)));
        }
        return text.toString();
    }

    /** As a JSON array. */
    String json() {
        return "[" + number(min) + "," + number(max) + "," + number(mean) + "," + number(deviation) + "," + others + ",\""
                + bins + "\"]";
    }

    /** Six digits; null if there is no such number, as after an overflow. */
    private static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e6 ? String.valueOf((long) value)
                : Double.isFinite(value) ? String.format(Locale.ROOT, "%.5e", value) : "null";
    }
}
