// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import aulos.engine.op.Op;
import java.util.List;
import java.util.function.Supplier;

/** A value that {@link Tape#memoized} keeps, and what it was computed from, at which versions. */
record Memo(Tensor value, List<Tensor> inputs, List<Integer> versions) {

    /** Refuses what is read and not declared. */
    private record Reads(long start, List<Tensor> inputs) implements TapeObserver {
        @Override
        public void ran(Op op, List<Tensor> read, Tensor output) {
            read.forEach(tensor -> requireDeclared(op.name(), tensor));
        }

        @Override
        public void detached(Tensor source, Tensor copy) {
            requireDeclared("detach", source);
        }

        private void requireDeclared(String reader, Tensor tensor) {
            if (tensor.storage().born() < start
                    && inputs.stream().noneMatch(input -> input.original() == tensor.original())) {
                throw new IllegalStateException("memoized: " + reader + " reads " + tensor.describe()
                        + ", expected one of the inputs " + inputs.stream().map(Tensor::describe).toList()
                        + ": when it changes nobody would know");
            }
        }
    }

    /** Computes a value on {@code tape}, which retains it. */
    static Memo of(Tape tape, List<Tensor> inputs, Supplier<Tensor> compute) {
        List<Tensor> declared = List.copyOf(inputs);
        List<Integer> versions = versions(declared);
        Tensor value = tape.observedBy(new Reads(Storage.now(), declared), compute);
        value.storage().retain();
        return new Memo(value, declared, versions);
    }

    /** Whether it is still what it was of these inputs. */
    boolean isOf(List<Tensor> now) {
        boolean same = now.size() == inputs.size() && versions(now).equals(versions);
        for (int i = 0; same && i < now.size(); i++) {
            same = now.get(i).original() == inputs.get(i).original();
        }
        return same;
    }

    private static List<Integer> versions(List<Tensor> tensors) {
        return tensors.stream().map(tensor -> tensor.storage().version()).toList();
    }
}
