// SPDX-License-Identifier: Apache-2.0
package aulos.engine.study;

import aulos.engine.NdArray;
import aulos.engine.Tape;
import aulos.engine.TapeObserver;
import aulos.engine.Tensor;
import java.util.function.Consumer;

/**
 * The backward pass, product by product: each is handed to a consumer with its values, which may print it, or wait for the
 * reader before it returns.
 *
 * <pre>{@code
 * Stepper.on(tape, step -> System.out.println(step));
 * tape.gradients(x.tanh().mul(x).sum(), List.of(x));
 * }</pre>
 */
public final class Stepper implements TapeObserver {

    /**
     * One vector–Jacobian product.
     *
     * @param input which node computed the input that the product goes to, as in {@code %3}, or what the leaf is
     * @param gradient of the node's output
     * @param value the product
     * @param sum of all products for this input so far
     */
    public record Step(Product product, String input, NdArray gradient, NdArray value, NdArray sum) {

        /** As in {@code %1 mul: ∂%1 = 1 → ∂x[] += 3, now 3}, with the label behind it. */
        @Override
        public String toString() {
            Tape.Node node = product.node();
            return "%" + product.index() + " " + (node.op().name() + " " + node.op().parameters()).strip() + ": ∂%"
                    + product.index() + " = " + gradient.values() + " → ∂" + input + " += " + value.values() + ", now "
                    + sum.values() + (node.label().isEmpty() ? "" : "  # " + node.label());
        }
    }

    private final Tape tape;
    private final Consumer<Step> reader;
    private NdArray gradient;

    private Stepper(Tape tape, Consumer<Step> reader) {
        this.tape = tape;
        this.reader = reader;
    }

    /** Shows {@code reader} every product of the backward passes over {@code tape} from now on. */
    public static Stepper on(Tape tape, Consumer<Step> reader) {
        Stepper stepper = new Stepper(tape, reader);
        tape.observe(stepper);
        return stepper;
    }

    @Override
    public void productStarts(Product product, Tensor upstream) {
        gradient = upstream.toArray();
    }

    @Override
    public void productEnds(Product product, Tensor value, Tensor sum) {
        int producer = tape.producer(product.input());
        String input = producer >= 0 ? "%" + producer : product.input().describe();
        reader.accept(new Step(product, input, gradient, value.toArray(), sum.toArray()));
    }
}
