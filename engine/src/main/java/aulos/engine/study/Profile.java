// SPDX-License-Identifier: Apache-2.0
package aulos.engine.study;

import aulos.engine.Tape;
import aulos.engine.TapeObserver;
import aulos.engine.Tensor;
import aulos.engine.op.Op;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Where the time and the memory of a tape go, by op, label and direction. What the backward pass runs counts for the node
 * that it passes through. It waits for each op to finish, so the whole is slower than without it.
 *
 * <pre>{@code
 * Profile profile = Profile.on(tape);
 * tape.gradients(model.forward(x).square().mean(), optimiser.tensors());
 * System.out.print(profile.table());
 * }</pre>
 */
public final class Profile implements TapeObserver {

    /** Forwards, or backwards through the op. */
    public enum Direction {
        FORWARD, BACKWARD
    }

    /** What one line of the profile is about. */
    public record Key(String op, String label, Direction direction) {}

    /**
     * One line.
     *
     * @param calls ops that ran
     * @param nanoseconds that they took
     * @param bytesMoved of their inputs and outputs
     * @param bytesHeld that the tape kept for it, and for no node before it, when the first backward pass began or else now
     */
    public record Entry(Key key, long calls, long nanoseconds, long bytesMoved, long bytesHeld) {}

    private static final class Total {
        private long calls;
        private long nanoseconds;
        private long moved;
        private long held;
    }

    private final Tape tape;
    private final Map<Key, Total> totals = new LinkedHashMap<>();
    private Product product;
    private boolean heldIsKnown;
    private long start;

    private Profile(Tape tape) {
        this.tape = tape;
    }

    /** Watches a tape from now on. */
    public static Profile on(Tape tape) {
        Profile profile = new Profile(tape);
        tape.observe(profile);
        return profile;
    }

    @Override
    public void running(Op op, List<Tensor> inputs) {
        inputs.getFirst().backend().sync();
        start = System.nanoTime();
    }

    @Override
    public void ran(Op op, List<Tensor> inputs, Tensor output) {
        output.backend().sync();
        long end = System.nanoTime();
        Total total = totals.computeIfAbsent(key(op), key -> new Total());
        total.calls++;
        total.nanoseconds += end - start;
        total.moved += output.bytes() + inputs.stream().mapToLong(Tensor::bytes).sum();
    }

    private Key key(Op op) {
        return product == null ? new Key(op.name(), Tape.label(), Direction.FORWARD)
                : new Key(product.node().op().name(), product.node().label(), Direction.BACKWARD);
    }

    @Override
    public void backwardStarts(int last, Tensor gradient) {
        noteHeld();
    }

    @Override
    public void productStarts(Product next, Tensor gradient) {
        product = next;
    }

    @Override
    public void backwardEnds() {
        product = null;
    }

    private void noteHeld() {
        if (heldIsKnown) {
            return;
        }
        heldIsKnown = true;
        long[] bytes = tape.heldBytes();
        for (int i = 0; i < bytes.length; i++) {
            Tape.Node node = tape.nodes().get(i);
            Key key = new Key(node.op().name(), node.label(), Direction.FORWARD);
            totals.computeIfAbsent(key, unseen -> new Total()).held += bytes[i];
        }
    }

    /** All lines, the costliest in time first. */
    public List<Entry> entries() {
        noteHeld();
        List<Entry> entries = new ArrayList<>();
        totals.forEach((key, total) -> entries.add(
                new Entry(key, total.calls, total.nanoseconds, total.moved, total.held)));
        entries.sort(Comparator.comparingLong(Entry::nanoseconds).reversed());
        return entries;
    }

    /** {@link #entries} as a table: op, direction, calls, milliseconds, share, megabytes moved and held, label. */
    public String table() {
        List<Entry> entries = entries();
        long all = entries.stream().mapToLong(Entry::nanoseconds).sum();
        StringBuilder table = new StringBuilder(String.format(Locale.ROOT, "%-26s %-8s %7s %10s %6s %10s %10s  %s%n",
                "op", "pass", "calls", "ms", "share", "MB moved", "MB held", "label"));
        for (Entry entry : entries) {
            table.append(String.format(Locale.ROOT, "%-26s %-8s %7d %10.3f %5.1f%% %10.3f %10.3f  %s%n", entry.key.op,
                    entry.key.direction.name().toLowerCase(Locale.ROOT), entry.calls, entry.nanoseconds / 1e6,
                    100.0 * entry.nanoseconds / Math.max(1, all), entry.bytesMoved / 1e6, entry.bytesHeld / 1e6,
                    entry.key.label));
        }
        return table.toString();
    }
}
