// SPDX-License-Identifier: Apache-2.0
package aulos.engine.nn;

import aulos.engine.Tape;
import aulos.engine.Tensor;
import java.util.List;

/**
 * Weight norm over the first axis: w = g·v/‖v‖, one norm and one g for each index of that axis (Salimans and Kingma,
 * arXiv 1602.07868; PyTorch's {@code weight_norm} with {@code dim=0}). For a transposed convolution the first axis is the
 * input channel.
 *
 * @param g [n, 1, …]
 * @param v [n, …]
 */
record WeightNorm(Parameter g, Parameter v) implements Weight {
    @Override
    public Tensor value() {
        return Tape.memoized(this, List.of(v.tensor(), g.tensor()),
                () -> Tensor.apply(new aulos.engine.op.WeightNorm(), v.tensor(), g.tensor()));
    }
}
