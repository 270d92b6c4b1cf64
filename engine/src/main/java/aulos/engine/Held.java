// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** What a tape holds in memory: of each node the inputs and the output that a product reads, at their versions. */
final class Held {
    private static final int NOT_HELD = -1;
    private static final int[] NOTHING = {};

    private final List<Tape.Node> nodes = new ArrayList<>();
    /** For each node the versions of its inputs and its output, or {@link #NOT_HELD}. */
    private final List<int[]> held = new ArrayList<>();

    /** For the next node. */
    void hold(Tape.Node node) {
        int arguments = node.inputs().size();
        int[] versions = new int[arguments + 1];
        for (int i = 0; i <= arguments; i++) {
            boolean keeps = i < arguments ? node.op().keepsInput(i) : node.op().keepsOutput();
            versions[i] = keeps ? retain(value(node, i)) : NOT_HELD;
        }
        nodes.add(node);
        held.add(versions);
    }

    private static int retain(Tensor tensor) {
        tensor.storage().retain();
        return tensor.storage().version();
    }

    /** Input {@code i} of a node, or its output behind the last. */
    private static Tensor value(Tape.Node node, int i) {
        return i < node.inputs().size() ? node.inputs().get(i) : node.output();
    }

    /**
     * Checks that what is held for node {@code index} is as it was when it was recorded.
     *
     * @throws IllegalStateException naming the op, the tensor, its versions and what changed it
     */
    void requireUnchanged(int index) {
        Tape.Node node = nodes.get(index);
        int[] versions = held.get(index);
        for (int i = 0; i < versions.length; i++) {
            Storage storage = value(node, i).storage();
            if (versions[i] != NOT_HELD && versions[i] != storage.version()) {
                throw new IllegalStateException("gradients: " + node.at(index) + " needs " + value(node, i).describe()
                        + " at version " + versions[i] + ", but " + storage.change()
                        + " has changed it to version " + storage.version()
                        + "; take gradients before the optimiser's step, or record again after it");
            }
        }
    }

    /** Lets go of what is held for node {@code index}. */
    void release(int index) {
        Tape.Node node = nodes.get(index);
        int[] versions = held.set(index, NOTHING);
        for (int i = 0; i < versions.length; i++) {
            if (versions[i] != NOT_HELD) {
                value(node, i).storage().release();
            }
        }
    }

    void releaseAll() {
        for (int i = 0; i < held.size(); i++) {
            release(i);
        }
    }

    /** For each node the bytes that are held for it and for no node before it. */
    long[] bytes() {
        Set<Storage.Memory> counted = Collections.newSetFromMap(new IdentityHashMap<>());
        long[] bytes = new long[nodes.size()];
        for (int i = 0; i < bytes.length; i++) {
            int[] versions = held.get(i);
            for (int k = 0; k < versions.length; k++) {
                Tensor value = versions[k] == NOT_HELD ? null : value(nodes.get(i), k);
                if (value != null && counted.add(value.storage().memory())) {
                    bytes[i] += value.bytes();
                }
            }
        }
        return bytes;
    }
}
