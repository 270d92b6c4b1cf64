// SPDX-License-Identifier: Apache-2.0
package aulos.engine.transform;

import aulos.engine.Scope;
import aulos.engine.Shape;
import aulos.engine.Tape;
import aulos.engine.TapeObserver;
import aulos.engine.Tensor;
import aulos.engine.op.Op;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/** A tape of one example, replayed with a batch axis in front. */
final class Vmap {
    private final int batch;
    private final Watcher watcher;
    /** For each tensor of the one example what it is in the batch. */
    private final Map<Tensor, Tensor> values = new IdentityHashMap<>();

    /** All that the function does: ops, paused ones too, detaching, which is no op, and reading on the host. */
    private static final class Watcher implements TapeObserver {
        private final Scope scope;
        private final List<Tape.Node> nodes = new ArrayList<>();
        private final Set<Tensor> recorded = Collections.newSetFromMap(new IdentityHashMap<>());
        private final Set<Tensor> computed = Collections.newSetFromMap(new IdentityHashMap<>());
        private final Map<Tensor, Tensor> sources = new IdentityHashMap<>();
        private final Set<Tensor> varying = Collections.newSetFromMap(new IdentityHashMap<>());

        Watcher(Scope scope) {
            this.scope = scope;
        }

        @Override
        public boolean seesThroughCheckpoints() {
            return true;
        }

        @Override
        public void ran(Op op, List<Tensor> inputs, Tensor output) {
            for (Tensor input : inputs) {
                if (!computed.contains(input.original())) {
                    scope.adopt(input); // a constant from inside the function, perhaps
                }
            }
            nodes.add(new Tape.Node(Tape.label(), op, inputs, output));
            computed.add(output.original());
            if (inputs.stream().anyMatch(this::varies)) {
                varying.add(output.original());
            }
        }

        @Override
        public void recorded(int index, Tape.Node node) {
            recorded.add(node.output().original());
        }

        @Override
        public void detached(Tensor source, Tensor copy) {
            sources.put(copy.original(), source.original());
            if (varies(source)) {
                varying.add(copy.original());
            }
        }

        @Override
        public void downloaded(Tensor tensor) {
            if (varies(tensor)) {
                throw new IllegalStateException("vmap: the function reads values of " + tensor.describe()
                        + " on the host, which differ between examples");
            }
        }

        @Override
        public void updating(String kernel, Tensor tensor) {
            throw new IllegalStateException("vmap: " + kernel + " would change " + tensor.describe() + " in place inside the"
                    + " function, by its first example alone; expected a function that changes nothing");
        }

        @Override
        public void replacing(String place, Tensor old, Tensor value) {
            if (varies(value)) {
                throw new IllegalStateException("vmap: " + place + " would take the first example's " + value.describe()
                        + " inside the function; expected a function that changes nothing");
            }
        }

        private boolean varies(Tensor tensor) {
            return varying.contains(tensor.original());
        }
    }

    private Vmap(int batch, Watcher watcher) {
        this.batch = batch;
        this.watcher = watcher;
    }

    static Tensor run(Function<List<Tensor>, Tensor> function, List<Tensor> arguments) {
        Set<Integer> sizes = new HashSet<>();
        for (Tensor argument : arguments) {
            sizes.add(argument.shape().rank() == 0 ? 0 : argument.shape().dim(0));
        }
        if (sizes.size() != 1 || sizes.contains(0)) {
            throw new IllegalArgumentException("vmap: arguments " + arguments.stream().map(Tensor::shape).toList()
                    + ", expected first axes of one length");
        }
        try (Scope scope = Scope.open()) {
            Vmap vmap = new Vmap(sizes.iterator().next(), new Watcher(scope));
            return scope.keep(vmap.replay(function, arguments));
        }
    }

    private Tensor replay(Function<List<Tensor>, Tensor> function, List<Tensor> arguments) {
        Tensor result = Tape.paused(() -> {
            List<Tensor> first = new ArrayList<>();
            for (Tensor argument : arguments) {
                Tensor example = Examples.of(argument, 0).detach();
                first.add(example);
                watcher.varying.add(example.original());
                values.put(example.original(), argument);
            }
            try (Tape tape = Tape.open().observe(watcher)) {
                return Transforms.run(function, first);
            }
        });
        String outer = Tape.label();
        for (Tape.Node node : watcher.nodes) {
            String label = node.label().equals(outer) ? "" : node.label().substring(outer.isEmpty() ? 0 : outer.length() + 1);
            Supplier<Tensor> run = () -> Tape.labelled(label, () -> Scope.run(() -> batched(node)));
            boolean recorded = watcher.recorded.contains(node.output().original());
            values.put(node.output().original(), recorded ? run.get() : Tape.paused(run));
        }
        Tensor value = value(result);
        return watcher.varies(result) ? value : value.broadcastTo(Examples.join(batch, result.shape()));
    }

    private Tensor batched(Tape.Node node) {
        List<Tensor> inputs = node.inputs().stream().map(this::value).toList();
        List<Boolean> varying = node.inputs().stream().map(watcher::varies).toList();
        return varying.contains(true) ? new BatchRules(batch, node, inputs, varying).apply()
                : Tensor.apply(node.op(), inputs.toArray(Tensor[]::new));
    }

    /** What a tensor of the example is in the batch; one from outside is itself. */
    private Tensor value(Tensor tensor) {
        Tensor known = values.get(tensor.original());
        if (known == null) {
            Tensor source = watcher.sources.get(tensor.original());
            known = source == null ? tensor : watcher.scope.adopt(value(source).detach()); // for later nodes too
            values.put(tensor.original(), known);
        }
        return known;
    }

    /** Axis 0, taken apart and put together. */
    static final class Examples {
        private Examples() {}

        static Tensor of(Tensor batch, int index) {
            int[] dims = Arrays.copyOfRange(batch.shape().dims(), 1, batch.shape().rank());
            return batch.slice(0, index, index + 1).reshape(Shape.of(dims));
        }

        static Shape join(int batch, Shape shape) {
            int[] dims = new int[shape.rank() + 1];
            dims[0] = batch;
            System.arraycopy(shape.dims(), 0, dims, 1, shape.rank());
            return Shape.of(dims);
        }
    }
}
