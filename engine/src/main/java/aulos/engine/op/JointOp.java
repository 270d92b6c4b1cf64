// SPDX-License-Identifier: Apache-2.0
package aulos.engine.op;

import aulos.engine.Tensor;
import java.util.List;

/** An op whose vector–Jacobian products share work, so that they are asked for all at once. */
public interface JointOp extends Op {

    /** As {@link #vjp}, one product for each of {@code arguments}, in their order. */
    List<Tensor> vjps(List<Integer> arguments, List<Tensor> inputs, Tensor output, Tensor gradient);

    @Override
    default Tensor vjp(int argument, List<Tensor> inputs, Tensor output, Tensor gradient) {
        return vjps(List.of(argument), inputs, output, gradient).getFirst();
    }
}
