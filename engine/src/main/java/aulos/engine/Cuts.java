// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where a tape was cut: results that it reads and has not seen being computed, as they were computed before it opened or on
 * another thread. To the tape they are constants. That is right for data. It is wrong for a derivative in a tensor that they
 * were computed from, whose part through them would be lost.
 */
final class Cuts {
    private final Tape tape;
    /** For tensors asked for what their derivatives lack. */
    private final Map<Tensor, Cut> lacking = new IdentityHashMap<>();

    /** A result that the tape has not seen, and the node that reads it; −1: it is what was to be differentiated. */
    private record Cut(Tensor result, int reader) {}

    private Cuts(Tape tape) {
        this.tape = tape;
    }

    /** Takes all that the tape has not seen for constant. */
    static Cuts none(Tape tape) {
        return new Cuts(tape);
    }

    /** Those between {@code result} and some tensors. */
    static Cuts of(Tape tape, Tensor result, List<Tensor> tensors) {
        Cuts cuts = new Cuts(tape);
        List<Cut> found = unseenBehind(tape, result);
        if (!found.isEmpty()) {
            Map<Past.Origin, Tensor> byOrigin = new IdentityHashMap<>();
            tensors.forEach(tensor -> byOrigin.put(tensor.storage().past.self, tensor.original()));
            for (Cut cut : found) {
                for (Past.Origin origin : tape.among(byOrigin.keySet(), cut.result)) {
                    cuts.lacking.putIfAbsent(byOrigin.get(origin), cut);
                }
            }
        }
        return cuts;
    }

    /** The unseen results that {@code result} depends on. */
    private static List<Cut> unseenBehind(Tape tape, Tensor result) {
        int last = tape.producer(result);
        if (last < 0) {
            return tape.isUnseenResult(result) ? List.of(new Cut(result, -1)) : List.of();
        }
        List<Cut> found = new ArrayList<>();
        Set<Tensor> known = Collections.newSetFromMap(new IdentityHashMap<>());
        boolean[] needed = new boolean[last + 1];
        needed[last] = true;
        for (int i = last; i >= 0; i--) {
            Tape.Node node = tape.nodes().get(i);
            for (int k = 0; needed[i] && k < node.inputs().size(); k++) {
                Tensor input = node.inputs().get(k);
                int producer = node.op().isFlatIn(k) ? -1 : tape.producer(input);
                if (producer >= 0) {
                    needed[producer] = true;
                } else if (!node.op().isFlatIn(k) && tape.isUnseenResult(input) && known.add(input.original())) {
                    found.add(new Cut(input, i));
                }
            }
        }
        return found;
    }

    /** Says what a derivative in {@code tensor} would lack; null if nothing. */
    String lacking(Tensor tensor) {
        Cut cut = lacking.get(tensor.original());
        if (cut == null) {
            return null;
        }
        String reader = cut.reader < 0 ? "the result " + cut.result.describe() + " was"
                : tape.nodes().get(cut.reader).at(cut.reader) + " reads " + cut.result.describe() + ", which was";
        return "would be incomplete: " + reader + " computed from " + tensor.describe() + " "
                + tape.whenUnseen(cut.result)
                + "; compute it while this tape records, or detach() it if it is to be a constant";
    }

    /** Why nothing on the tape has read or computed {@code tensor}. */
    String whyUnseen(Tensor tensor) {
        String reason = "was read by nothing on this tape";
        Cut cut = lacking.get(tensor.original());
        if (cut != null) {
            return reason + ", which takes " + cut.result.describe() + " for a constant, as it was computed "
                    + tape.whenUnseen(cut.result);
        }
        for (Tape.Node node : tape.nodes()) {
            for (Tensor input : node.inputs()) {
                if (tape.producer(input) < 0 && input.storage().sharesMemoryWith(tensor.storage())) {
                    return reason + ", only a detached or reshaped copy of it by " + node.op().name();
                }
            }
        }
        return reason;
    }
}
