// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.model;

import aulos.engine.Backend.Reach;
import aulos.engine.Scope;
import aulos.engine.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Computes a long signal piece by piece, so that what is between the layers of a stage stays in the processor's caches.
 * A piece is computed with as much on both sides as the layers can see, which is then cut off: the values are those of
 * the whole.
 */
final class Pieces {
    /** Elements of a piece: with two threads, half a second-level cache of each. */
    private static final int SIZE = 256 * 1024;
    /** What is computed twice is at most a thirty-second of a piece. */
    private static final int MIN_REACHES = 64;
    /** Pieces begin at multiples of this at least, for whole vectors. */
    private static final int ALIGNMENT = 64;

    private Pieces() {}

    /**
     * @param x [B, C, T]
     * @param reach what the bits of an output of {@code layers} depend on
     * @param layers map [B, C, t] to [B, C, t] for any t, all outputs by the same rule, with zeros beyond both ends
     */
    static Tensor run(Tensor x, Reach reach, UnaryOperator<Tensor> layers) {
        int alignment = ALIGNMENT % reach.grid() == 0 ? ALIGNMENT : ALIGNMENT * reach.grid();
        int margin = (Math.max(reach.before(), reach.after()) / alignment + 1) * alignment;
        int length = x.shape().dim(2);
        int count = Math.ceilDiv(length, Math.max(SIZE / x.shape().dim(1), MIN_REACHES * margin));
        if (count == 1) {
            return layers.apply(x);
        }
        int piece = Math.ceilDiv(length, count * alignment) * alignment;
        List<Tensor> done = new ArrayList<>();
        for (int start = 0; start < length; start += piece) {
            int end = Math.min(length, start + piece);
            int from = Math.max(0, start - margin);
            int to = Math.min(length, end + margin);
            int first = start - from;
            int last = end - from;
            done.add(Scope.run(() -> layers.apply(x.slice(2, from, to)).slice(2, first, last)));
        }
        return Tensor.concat(2, done.toArray(Tensor[]::new));
    }
}
