// SPDX-License-Identifier: Apache-2.0
package aulos.engine.study;

import aulos.engine.NdArray;
import aulos.engine.Tape;
import aulos.engine.TapeObserver;
import aulos.engine.Tensor;
import aulos.engine.op.Op;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Stops at the first NaN or infinity, forwards or backwards, with the op, its label and the Java line that ran it. It reads
 * every value on the host, so it is slow.
 *
 * <pre>{@code
 * try (Scope scope = Scope.open(); Tape tape = Tape.open()) {
 *     Anomalies.on(tape);
 *     Tensor loss = model.forward(x).sqrt().mean();
 *     tape.gradients(loss, optimiser.tensors());
 * }
 * }</pre>
 */
public final class Anomalies implements TapeObserver {
    private final Map<Integer, String> lines = new HashMap<>();
    private boolean backwards;

    private Anomalies() {}

    /** Watches a tape from now on. */
    public static Anomalies on(Tape tape) {
        Anomalies anomalies = new Anomalies();
        tape.observe(anomalies);
        return anomalies;
    }

    /** @throws ArithmeticException if the output of a forward op is not finite */
    @Override
    public void ran(Op op, List<Tensor> inputs, Tensor output) {
        if (backwards) {
            return; // the product as a whole is judged
        }
        String found = anomaly(output);
        if (found != null) {
            boolean given = inputs.stream().anyMatch(input -> anomaly(input) != null);
            throw new ArithmeticException("anomaly: " + (op.name() + " " + op.parameters()).strip() + in(Tape.label())
                    + " at " + SourceLine.current() + " gives " + found
                    + (given ? ", of inputs that have one already: " : ", of ")
                    + inputs.stream().map(Tensor::toString).toList());
        }
    }

    @Override
    public void recorded(int index, Tape.Node node) {
        lines.put(index, SourceLine.current());
    }

    @Override
    public void backwardStarts(int last, Tensor gradient) {
        backwards = true;
    }

    /** @throws ArithmeticException if the product or the sum it goes into is not finite */
    @Override
    public void productEnds(Product product, Tensor value, Tensor sum) {
        String found = anomaly(value);
        if (found == null) {
            found = anomaly(sum);
        }
        if (found != null) {
            Tape.Node node = product.node();
            throw new ArithmeticException("anomaly: the backward pass through %" + product.index() + " "
                    + (node.op().name() + " " + node.op().parameters()).strip() + in(node.label()) + " to its input "
                    + product.argument() + ", " + product.input().describe() + ", gives " + found + "; the op ran at "
                    + lines.getOrDefault(product.index(), "a line before this watch began"));
        }
    }

    @Override
    public void backwardEnds() {
        backwards = false;
    }

    private static String in(String label) {
        return label.isEmpty() ? "" : " in " + label;
    }

    /** What is wrong, as in {@code NaN at element 3 of [2,8]}; null if all is finite. */
    private static String anomaly(Tensor tensor) {
        NdArray values = tensor.toArray();
        for (int i = 0; i < values.shape().size(); i++) {
            if (!Double.isFinite(values.get(i))) {
                return values.get(i) + " at element " + i + " of " + values.shape();
            }
        }
        return null;
    }
}
