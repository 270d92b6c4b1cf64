// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Which node is the first to read each of some tensors: walking backwards, it is the last to add to their gradients. */
final class FirstReaders {
    private final Map<Integer, List<Integer>> byNode = new HashMap<>();

    /** @param last the walk begins at this node */
    FirstReaders(List<Tape.Node> nodes, int last, List<Tensor> tensors) {
        Map<Tensor, Integer> first = new IdentityHashMap<>();
        for (int i = last; i >= 0; i--) {
            for (Tensor input : nodes.get(i).inputs()) {
                first.put(input.original(), i);
            }
        }
        for (int index = 0; index < tensors.size(); index++) {
            Integer node = first.get(tensors.get(index).original());
            if (node != null) {
                byNode.computeIfAbsent(node, key -> new ArrayList<>()).add(index);
            }
        }
    }

    /** The tensors, by their index, whose first reader is node {@code node}. */
    List<Integer> of(int node) {
        return byNode.getOrDefault(node, List.of());
    }
}
