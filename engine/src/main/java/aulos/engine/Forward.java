// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import aulos.engine.op.JointOp;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * One walk forwards over a tape with tangents. No op has a rule for it: the product of a node is the transpose of its
 * vector–Jacobian product. That is linear in the gradient u, Σᵢ tᵢ·vjpᵢ(u) = u·(Σᵢ Jᵢ·tᵢ), so its gradient in u is the
 * tangent of the output (the "double-vjp trick").
 */
final class Forward implements AutoCloseable {
    private final Tape tape;
    /** The directions of the tensors that were asked for, which add to what reaches them from others of these. */
    private final Map<Tensor, Tensor> directions = new IdentityHashMap<>();
    private final Map<Tensor, Tensor> tangents = new IdentityHashMap<>();

    private Forward(Tape tape) {
        this.tape = tape;
    }

    static Tensor run(Tape tape, Tensor result, List<Tensor> tensors, List<Tensor> directions) {
        long start = Storage.now();
        try (Scope scope = Scope.open(); Forward forward = new Forward(tape)) {
            for (int i = 0; i < tensors.size(); i++) {
                forward.directions.merge(tensors.get(i).original(), directions.get(i), Tensor::add);
            }
            int last = tape.producer(result); // nodes that the walk itself records come behind it
            forward.directions.forEach((tensor, direction) -> {
                if (tape.producer(tensor) < 0) {
                    forward.put(tensor, direction);
                }
            });
            for (int i = 0; i <= last; i++) {
                forward.step(i);
            }
            Tensor found = forward.tangents.get(result.original());
            return scope.keep(found == null ? Tensor.full(result.backend(), result.shape(), 0)
                    : Backward.unshared(found, start, new HashSet<>()));
        }
    }

    private void step(int index) {
        Tape.Node node = tape.nodes().get(index);
        List<Integer> moving = new ArrayList<>();
        for (int i = 0; i < node.inputs().size(); i++) {
            if (!node.op().isFlatIn(i) && tangents.containsKey(node.inputs().get(i).original())) {
                moving.add(i);
            }
        }
        Tensor own = directions.get(node.output().original());
        if (!moving.isEmpty()) {
            tape.held().requireUnchanged(index);
            Tape.relabelled(node.label(), () -> {
                try (Scope scope = Scope.open()) {
                    Tensor product = product(node, moving);
                    put(node.output(), own == null ? product : own.add(product));
                }
            });
        } else if (own != null) {
            put(node.output(), own);
        }
    }

    private Tensor product(Tape.Node node, List<Integer> moving) {
        try (Tape inner = Tape.open()) {
            Tensor u = Tensor.full(node.output().backend(), node.output().shape(), 0);
            Tensor sum = null;
            List<Tensor> passed = node.op() instanceof JointOp joint
                    ? joint.vjps(moving, node.inputs(), node.output(), u)
                    : moving.stream().map(i -> node.op().vjp(i, node.inputs(), node.output(), u)).toList();
            for (int k = 0; k < moving.size(); k++) {
                Tensor tangent = tangents.get(node.inputs().get(moving.get(k)).original());
                Tensor term = passed.get(k).mul(tangent).sum();
                sum = sum == null ? term : sum.add(term);
            }
            return inner.gradients(sum, List.of(u)).orZero(u);
        }
    }

    private void put(Tensor tensor, Tensor tangent) {
        tangent.storage().retain();
        Tensor old = tangents.put(tensor.original(), tangent);
        if (old != null) {
            old.storage().release();
        }
    }

    @Override
    public void close() {
        tangents.values().forEach(tangent -> tangent.storage().release());
    }
}
