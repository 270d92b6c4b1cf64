// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio.flac;

import java.io.IOException;

/**
 * Predicts a sample from those before it: a sum of products, divided by 2^shift and rounded down.
 *
 * @param coefficients the first for the sample right before
 */
@SuppressWarnings("ArrayRecordComponent")
record Predictor(int[] coefficients, int shift) {
    /** The polynomials through the last samples, of degree −1 to 3. */
    private static final Predictor[] FIXED = {new Predictor(new int[] {}, 0), new Predictor(new int[] {1}, 0),
        new Predictor(new int[] {2, -1}, 0), new Predictor(new int[] {3, -3, 1}, 0),
        new Predictor(new int[] {4, -6, 4, -1}, 0)};
    static final int FIXED_ORDERS = FIXED.length;

    /** How many bits the number of bits of a coefficient has; all ones are reserved. */
    private static final int PRECISION_BITS = 4;
    private static final int RESERVED_PRECISION = 16;
    private static final int SHIFT_BITS = 5;

    static Predictor fixed(int order) {
        return FIXED[order];
    }

    /** Reads a predictor from {@code order} samples. */
    static Predictor read(BitInput in, int order) throws IOException {
        int precision = in.unsigned(PRECISION_BITS) + 1;
        int shift = (int) in.signed(SHIFT_BITS);
        if (precision == RESERVED_PRECISION || shift < 0) {
            throw new Damage("a prediction has coefficients of " + precision + " bits and a shift of " + shift
                    + ", expected 1 to 15 bits and 0 to 15");
        }
        int[] coefficients = new int[order];
        for (int i = 0; i < order; i++) {
            coefficients[i] = (int) in.signed(precision);
        }
        return new Predictor(coefficients, shift);
    }

    /**
     * Adds predictions to residuals, from the first sample on that has enough of them before it.
     *
     * @param channel holds samples as far as there are no predictions, then residuals
     * @param bits of a sample, 1 to 33
     * @throws Damage if a sum needs more bits than a sample has
     */
    void restore(Channel channel, int bits, int count) throws Damage {
        if (channel.isWide()) {
            restoreWide(channel.samples(), channel.wide(), bits, count);
        } else if (fitsInt(bits)) {
            restoreInt(channel.samples(), count);
        } else {
            restoreLong(channel.samples(), bits, count);
        }
    }

    /** Whether no sum of samples that keep to their bits can exceed 32. */
    private boolean fitsInt(int bits) {
        long sum = 0;
        for (int coefficient : coefficients) {
            sum += Math.abs(coefficient);
        }
        return sum << (bits - 1) <= Integer.MAX_VALUE;
    }

    private void restoreInt(int[] samples, int count) {
        int order = coefficients.length;
        for (int i = order; i < count; i++) {
            int sum = 0;
            for (int j = 0; j < order; j++) {
                sum += coefficients[j] * samples[i - 1 - j];
            }
            samples[i] += sum >> shift;
        }
    }

    private void restoreLong(int[] samples, int bits, int count) throws Damage {
        int order = coefficients.length;
        long exceeding = 0;
        for (int i = order; i < count; i++) {
            long sum = 0;
            for (int j = 0; j < order; j++) {
                sum += (long) coefficients[j] * samples[i - 1 - j];
            }
            long sample = samples[i] + (sum >> shift);
            samples[i] = (int) sample;
            exceeding |= sample >> (bits - 1) ^ sample >> 63;
        }
        if (exceeding != 0) {
            throw new Damage("a sample exceeds " + bits + " bits");
        }
    }

    private void restoreWide(int[] residual, long[] samples, int bits, int count) throws Damage {
        int order = coefficients.length;
        long exceeding = 0;
        for (int i = order; i < count; i++) {
            long sum = 0;
            for (int j = 0; j < order; j++) {
                sum += coefficients[j] * samples[i - 1 - j];
            }
            samples[i] = residual[i] + (sum >> shift);
            exceeding |= samples[i] >> (bits - 1) ^ samples[i] >> 63;
        }
        if (exceeding != 0) {
            throw new Damage("a sample exceeds " + bits + " bits");
        }
    }
}
