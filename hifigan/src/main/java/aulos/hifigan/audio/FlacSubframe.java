// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio;

import java.io.IOException;
import java.util.Arrays;

/** Decodes one channel of a FLAC frame (RFC 9639, section 9.2). */
final class FlacSubframe {
    private static final int CONSTANT = 0;
    private static final int VERBATIM = 1;
    private static final int FIRST_FIXED = 8;
    private static final int LAST_FIXED = 12;
    private static final int FIRST_LINEAR = 32;

    /** Coefficients of the predictors of order 0 to 4 that have none in the stream; the nearest sample first. */
    private static final long[][] FIXED = {{}, {1}, {2, -1}, {3, -3, 1}, {4, -6, 4, -1}};

    private final FlacFrames frame;
    private final FlacBits bits;

    FlacSubframe(FlacFrames frame, FlacBits bits) {
        this.frame = frame;
        this.bits = bits;
    }

    /** Fills {@code samples[0…size)}; they have {@code sampleBits} ≤ 33 bits. */
    void decode(long[] samples, int size, int sampleBits) throws IOException {
        if (bits.unsigned(1) != 0) {
            throw frame.error("has a subframe that does not begin with 0");
        }
        int type = (int) bits.unsigned(6);
        long wasted = bits.unsigned(1) == 0 ? 0 : bits.unary() + 1;
        if (wasted >= sampleBits) {
            throw frame.error("wastes " + wasted + " of " + sampleBits + " bits");
        }
        int used = sampleBits - (int) wasted;
        if (type == CONSTANT) {
            Arrays.fill(samples, 0, size, bits.signed(used));
        } else if (type == VERBATIM) {
            readVerbatim(samples, size, used);
        } else if (type >= FIRST_FIXED && type <= LAST_FIXED) {
            int order = type - FIRST_FIXED;
            readWarmUp(samples, size, order, used);
            predict(samples, size, FIXED[order], 0, used);
        } else if (type >= FIRST_LINEAR) {
            readLinear(samples, size, type - FIRST_LINEAR + 1, used);
        } else {
            throw frame.error("has a subframe of the reserved type " + type);
        }
        for (int i = 0; wasted > 0 && i < size; i++) {
            samples[i] <<= wasted;
        }
    }

    private void readVerbatim(long[] samples, int count, int sampleBits) throws IOException {
        for (int i = 0; i < count; i++) {
            samples[i] = bits.signed(sampleBits);
        }
    }

    private void readWarmUp(long[] samples, int size, int order, int sampleBits) throws IOException {
        if (order > size) {
            throw frame.error("has " + size + " samples and a predictor of order " + order);
        }
        readVerbatim(samples, order, sampleBits);
    }

    private void readLinear(long[] samples, int size, int order, int sampleBits) throws IOException {
        readWarmUp(samples, size, order, sampleBits);
        int precision = (int) bits.unsigned(4) + 1;
        int shift = (int) bits.signed(5);
        if (precision == 16 || shift < 0) {
            throw frame.error("has a predictor of precision " + precision + " and shift " + shift
                    + ", expected at most 15 and at least 0");
        }
        long[] coefficients = new long[order];
        readVerbatim(coefficients, order, precision);
        predict(samples, size, coefficients, shift, sampleBits);
    }

    /** samples[i] = residual[i] + ((Σⱼ coefficients[j]·samples[i−1−j]) ≫ shift) */
    private void predict(long[] samples, int size, long[] coefficients, int shift, int sampleBits) throws IOException {
        readResidual(samples, size, coefficients.length);
        long limit = 1L << (sampleBits - 1);
        for (int i = coefficients.length; i < size; i++) {
            long sum = 0;
            for (int j = 0; j < coefficients.length; j++) {
                sum += coefficients[j] * samples[i - 1 - j];
            }
            long sample = samples[i] + (sum >> shift);
            if (sample < -limit || sample >= limit) {
                throw frame.error("predicts a sample of " + sample + ", which exceeds " + sampleBits + " bits");
            }
            samples[i] = sample;
        }
    }

    private void readResidual(long[] residual, int size, int order) throws IOException {
        int method = (int) bits.unsigned(2);
        if (method > 1) {
            throw frame.error("has a residual of the reserved coding " + method);
        }
        int parameterBits = 4 + method;
        int partitionOrder = (int) bits.unsigned(4);
        int partition = size >> partitionOrder;
        if (partition << partitionOrder != size || partition < order) {
            throw frame.error("has " + size + " samples in " + (1 << partitionOrder)
                    + " partitions, which does not fit a predictor of order " + order);
        }
        for (int start = 0; start < size; start += partition) {
            int parameter = (int) bits.unsigned(parameterBits);
            int from = Math.max(start, order);
            if (parameter == (1 << parameterBits) - 1) {
                int width = (int) bits.unsigned(5);
                for (int i = from; i < start + partition; i++) {
                    residual[i] = bits.signed(width);
                }
            } else {
                readRice(residual, from, start + partition, parameter);
            }
        }
    }

    private void readRice(long[] residual, int from, int to, int parameter) throws IOException {
        for (int i = from; i < to; i++) {
            long folded = (bits.unary() << parameter) | bits.unsigned(parameter);
            residual[i] = (folded >>> 1) ^ -(folded & 1);
        }
    }
}
