// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio.flac;

/**
 * How a subframe is to be written, by the letter of RFC 9639, section 9.2.
 *
 * @param type of the subframe, without its order
 * @param coefficients of the prediction, the first for the sample right before
 * @param precision bits of a coefficient
 * @param method 0 for Rice parameters of 4 bits, 1 for 5 bits
 * @param partitionOrder logarithm of the number of partitions
 * @param parameter Rice parameter, or −1 for the escape code
 */
@SuppressWarnings("ArrayRecordComponent")
public record Coding(int type, int[] coefficients, int precision, int shift, int method, int partitionOrder, int parameter) {
    private static final int[][] FIXED = {{}, {1}, {2, -1}, {3, -3, 1}, {4, -6, 4, -1}};

    static Coding constant() {
        return new Coding(0, new int[0], 0, 0, 0, 0, 0);
    }

    public static Coding verbatim() {
        return new Coding(1, new int[0], 0, 0, 0, 0, 0);
    }

    static Coding fixed(int order) {
        return new Coding(8, FIXED[order], 0, 0, 1, 0, 10);
    }

    static Coding linear(int precision, int shift, int... coefficients) {
        return new Coding(32, coefficients, precision, shift, 1, 0, 10);
    }

    Coding rice(int newMethod, int newOrder, int newParameter) {
        return new Coding(type, coefficients, precision, shift, newMethod, newOrder, newParameter);
    }

    /** Writes a subframe of samples of {@code bits} bits, of which the {@code wasted} lowest are zeros. */
    void write(Bits out, long[] samples, int bits, int wasted) {
        int order = coefficients.length;
        out.put(0, 1).put(type == 32 ? type + order - 1 : type + order, 6).put(wasted > 0 ? 1 : 0, 1);
        if (wasted > 0) {
            out.unary(wasted - 1);
        }
        long[] kept = new long[samples.length];
        for (int i = 0; i < kept.length; i++) {
            kept[i] = samples[i] >> wasted;
        }
        int verbatim = switch (type) {
            case 0 -> 1;
            case 1 -> samples.length;
            default -> order;
        };
        for (int i = 0; i < verbatim; i++) {
            out.put(kept[i], bits - wasted);
        }
        if (type == 32) {
            out.put(precision - 1, 4).put(shift, 5);
            for (int coefficient : coefficients) {
                out.put(coefficient, precision);
            }
        }
        if (type >= 8) {
            residual(out, kept);
        }
    }

    private void residual(Bits out, long[] samples) {
        out.put(method, 2).put(partitionOrder, 4);
        int size = samples.length >> partitionOrder;
        for (int partition = 0; partition < 1 << partitionOrder; partition++) {
            int from = Math.max(partition * size, coefficients.length);
            int to = (partition + 1) * size;
            if (parameter < 0) {
                escape(out, samples, from, to);
                continue;
            }
            out.put(parameter, 4 + method);
            for (int i = from; i < to; i++) {
                long residual = residual(samples, i);
                long folded = residual < 0 ? -2 * residual - 1 : 2 * residual;
                out.unary(folded >> parameter).put(folded, parameter);
            }
        }
    }

    private void escape(Bits out, long[] samples, int from, int to) {
        int width = 0;
        for (int i = from; i < to; i++) {
            long residual = residual(samples, i);
            width = Math.max(width, residual == 0 ? 0 : 65 - Long.numberOfLeadingZeros(residual ^ residual >> 63));
        }
        out.put(-1, 4 + method).put(width, 5);
        for (int i = from; i < to; i++) {
            out.put(residual(samples, i), width);
        }
    }

    private long residual(long[] samples, int i) {
        long sum = 0;
        for (int j = 0; j < coefficients.length; j++) {
            sum = Math.addExact(sum, Math.multiplyExact(coefficients[j], samples[i - 1 - j]));
        }
        long residual = samples[i] - (sum >> shift);
        if (residual != (int) residual) {
            throw new IllegalArgumentException("residual " + residual + " is beyond 32 bits: no encoder may write it");
        }
        return residual;
    }
}
