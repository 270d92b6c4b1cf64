// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio.flac;

import java.io.IOException;

/** Reads a frame's samples in one channel (RFC 9639, section 9.2). */
final class Subframe {
    private static final int CONSTANT = 0;
    private static final int VERBATIM = 1;
    private static final int FIRST_FIXED = 8;
    private static final int FIRST_LINEAR = 32;

    /** How residuals are coded: in Rice's code, with parameters of 4 or 5 bits, the highest of which is an escape. */
    private static final int MAX_METHOD = 1;

    private Subframe() {}

    /** @param bits of a sample, 4 to 33 */
    static void read(BitInput in, int bits, Channel target, int count) throws IOException {
        target.prepare(count, bits);
        int header = in.unsigned(8);
        int type = header >> 1;
        int wasted = (header & 1) == 0 ? 0 : (int) in.unary(bits) + 1;
        int stored = bits - wasted;
        if (stored < 1) {
            throw new Damage(wasted + " of " + bits + " bits are unused");
        }
        if (type == CONSTANT) {
            target.fill(count, in.signed(stored));
        } else if (type == VERBATIM) {
            copy(in, stored, target, count);
        } else if (type >= FIRST_FIXED && type < FIRST_FIXED + Predictor.FIXED_ORDERS) {
            int order = type - FIRST_FIXED;
            start(in, stored, target, order, count);
            residual(in, order, target.samples(), count);
            Predictor.fixed(order).restore(target, stored, count);
        } else if (type >= FIRST_LINEAR && type < 2 * FIRST_LINEAR) {
            int order = type - FIRST_LINEAR + 1;
            start(in, stored, target, order, count);
            Predictor predictor = Predictor.read(in, order);
            residual(in, order, target.samples(), count);
            predictor.restore(target, stored, count);
        } else {
            throw new Damage("a subframe has the reserved type " + type);
        }
        target.check(count, stored);
        if (wasted > 0) {
            target.shiftLeft(count, wasted);
        }
    }

    private static void copy(BitInput in, int bits, Channel target, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            target.set(i, in.signed(bits));
        }
    }

    /** Reads the samples that the first prediction is made from. */
    private static void start(BitInput in, int bits, Channel target, int order, int count) throws IOException {
        if (order > count) {
            throw new Damage("a prediction from " + order + " samples in a block of " + count);
        }
        copy(in, bits, target, order);
    }

    /** Reads what has to be added to predictions. */
    private static void residual(BitInput in, int order, int[] target, int count) throws IOException {
        int method = in.unsigned(2);
        if (method > MAX_METHOD) {
            throw new Damage("residuals have the reserved coding " + method);
        }
        int parameterBits = 4 + method;
        int escape = (1 << parameterBits) - 1;
        int partitionOrder = in.unsigned(4);
        int size = count >> partitionOrder;
        if (size << partitionOrder != count || size < order) {
            throw new Damage("a block of " + count + " samples has " + (1 << partitionOrder)
                    + " partitions and an order of " + order);
        }
        for (int from = order, to = size; to <= count; from = to, to += size) {
            int parameter = in.unsigned(parameterBits);
            if (parameter < escape) {
                in.rice(parameter, target, from, to);
            } else {
                int bits = in.unsigned(5);
                for (int i = from; i < to; i++) {
                    target[i] = bits == 0 ? 0 : (int) in.signed(bits);
                }
            }
        }
    }
}
