// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import aulos.engine.op.HostOp;
import aulos.engine.op.Op;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a program does, op by op, to compare a second run with the first: the ops, what each of them reads, and the values that
 * come from the host, random numbers among them.
 */
final class Rerun implements TapeObserver {

    /**
     * One op, or one copying of values from the host.
     *
     * @param op null for values from the host
     * @param inputs what each input is: a tensor from outside, with its place in {@link #outside}, or the result of an earlier step
     * @param shape of the result
     * @param hash of values that came from the host, if any did
     */
    private record Step(Op op, List<String> inputs, Shape shape, long hash) {
        private boolean isLike(Step other) {
            return (op == null ? other.op == null : other.op != null && sameOp(op, other.op)) && inputs.equals(other.inputs)
                    && shape.equals(other.shape) && hash == other.hash;
        }

        /** A host op may be built anew with functions that are the same but not equal: what it gives is compared. */
        private static boolean sameOp(Op one, Op other) {
            return one.equals(other) || one instanceof HostOp && one.getClass() == other.getClass()
                    && one.name().equals(other.name());
        }

        private String describe() {
            String what = op == null ? "values from the host"
                    : (op.name() + " " + op.parameters()).strip() + " of " + String.join(", ", inputs);
            return what + ", " + shape + (hash == 0 ? "" : " (hash " + Long.toHexString(hash) + ")");
        }
    }

    private final Rerun first;
    private final Past.Pause pause = Tape.pause();
    private final Map<Tensor, String> names = new IdentityHashMap<>();
    private final Map<Tensor, Integer> places = new IdentityHashMap<>();
    private final List<Tensor> outside = new ArrayList<>();
    /** For each of {@link #outside} whether something reads it that was not paused. */
    private final List<Boolean> differentiated = new ArrayList<>();
    private final List<Step> steps = new ArrayList<>();
    private int step;
    private long hash;

    private Rerun(Rerun first) {
        this.first = first;
    }

    /** Watches the first run. */
    static Rerun first() {
        return new Rerun(null);
    }

    /** Watches another run, which fails at the first step that differs. */
    Rerun again() {
        return new Rerun(this);
    }

    /** The tensors from outside that were read, in the order of reading. */
    List<Tensor> outside() {
        return outside;
    }

    /** Whether the tensor from outside with this index was only read where there was no gradient to flow. */
    boolean isConstant(int index) {
        return !differentiated.get(index);
    }

    /** Whether the run has computed, copied or detached {@code tensor}. */
    boolean made(Tensor tensor) {
        return names.containsKey(tensor.original()) && !places.containsKey(tensor.original());
    }

    /** Lets go of what only the run itself needs. */
    void end() {
        names.clear();
        places.clear();
        if (first != null && step < first.steps.size()) {
            throw differs(null);
        }
    }

    @Override
    public void uploaded(Tensor tensor, NdArray values) {
        hash = hash(values);
        if (tensor.storage().op == null) {
            add(new Step(null, List.of(), tensor.shape(), hash), tensor);
        }
    }

    @Override
    public void detached(Tensor source, Tensor copy) {
        names.put(copy.original(), "detached " + name(source, false));
    }

    @Override
    public void ran(Op op, List<Tensor> inputs, Tensor output) {
        boolean recorded = Tape.pause() == pause;
        add(new Step(op, inputs.stream().map(input -> name(input, recorded)).toList(), output.shape(), hash), output);
    }

    private String name(Tensor tensor, boolean recorded) {
        String name = names.get(tensor.original());
        if (name == null) {
            name = tensor.describe() + " ($" + outside.size() + ")";
            requireAsFirst(tensor);
            names.put(tensor.original(), name);
            places.put(tensor.original(), outside.size());
            outside.add(tensor);
            differentiated.add(recorded);
        } else if (recorded && places.containsKey(tensor.original())) {
            differentiated.set(places.get(tensor.original()), true);
        }
        return name;
    }

    private void requireAsFirst(Tensor tensor) {
        int index = outside.size();
        boolean more = first != null && index >= first.outside.size();
        if (more || first != null && first.outside.get(index).original() != tensor.original()) {
            throw new IllegalStateException("checkpoint: run again, its body reads " + tensor.describe() + " where it first read "
                    + (more ? "nothing more" : first.outside.get(index).describe())
                    + "; what changes its own state cannot be checkpointed");
        }
    }

    private void add(Step next, Tensor result) {
        hash = 0;
        names.put(result.original(), "%" + step);
        if (first == null) {
            steps.add(next);
        } else if (step >= first.steps.size() || !next.isLike(first.steps.get(step))) {
            throw differs(next);
        }
        step++;
    }

    private IllegalStateException differs(Step next) {
        return new IllegalStateException("checkpoint: run again, its step " + step + " is "
                + (next == null ? "none" : next.describe()) + ", where it first was "
                + (step < first.steps.size() ? first.steps.get(step).describe() : "none")
                + "; expected a body that computes the same each time, from tensors that nothing has changed");
    }

    @Override
    public void updating(String kernel, Tensor tensor) {
        throw new IllegalStateException("checkpoint: its body, which is to run twice, changes " + tensor.describe()
                + " in place by " + kernel + "; expected one that changes nothing");
    }

    @Override
    public void replacing(String place, Tensor old, Tensor value) {
        throw new IllegalStateException("checkpoint: its body, which is to run twice, changes " + place
                + ", as what updates its own state; expected one that changes nothing");
    }

    private static long hash(NdArray values) {
        long hash = 1;
        for (int i = 0; i < values.shape().size(); i++) {
            hash = 31 * (hash ^ hash >>> 29) + Double.doubleToLongBits(values.get(i));
        }
        return hash == 0 ? 1 : hash;
    }
}
