// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import aulos.engine.op.JointOp;
import java.util.ArrayList;
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
    private final Map<Tensor, Tensor> tangents = new IdentityHashMap<>();

    private Forward(Tape tape) {
        this.tape = tape;
    }

    static Tensor run(Tape tape, Tensor result, List<Tensor> tensors, List<Tensor> directions) {
        Scope caller = Scope.innermost();
        try (Forward forward = new Forward(tape)) {
            for (int i = 0; i < tensors.size(); i++) {
                forward.put(tensors.get(i), directions.get(i));
            }
            int last = tape.producer(result); // nodes that the walk itself records come behind it
            for (int i = 0; i <= last; i++) {
                forward.step(i);
            }
            Tensor found = forward.tangents.get(result.original());
            return found != null ? caller.adopt(found) : Tensor.full(result.backend(), result.shape(), 0);
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
        if (!moving.isEmpty() && !tangents.containsKey(node.output().original())) {
            tape.held().requireUnchanged(index);
            Tape.relabelled(node.label(), () -> {
                try (Scope scope = Scope.open()) {
                    put(node.output(), product(node, moving));
                }
            });
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
