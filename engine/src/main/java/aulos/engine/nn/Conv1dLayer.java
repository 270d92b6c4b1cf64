// SPDX-License-Identifier: Apache-2.0
package aulos.engine.nn;

import aulos.engine.ConvSpec;
import aulos.engine.Fusion;
import aulos.engine.Shape;
import aulos.engine.Tensor;

/** A convolution with bias, [B, in, T] → [B, out, T′]; its weight is [out, in/groups, kernel]. */
public final class Conv1dLayer extends Convolution {
    public Conv1dLayer(Weights weights, int in, int out, int kernel, ConvSpec spec, WeightForm form) {
        super(weights, Shape.of(out, in / spec.groups(), kernel), out, in / spec.groups() * kernel, spec, form);
    }

    public Tensor forward(Tensor x) {
        return forward(x, Fusion.NONE);
    }

    /** With pointwise work fused in; the bias and the count of residuals are filled in here. */
    public Tensor forward(Tensor x, Fusion fusion, Tensor... residuals) {
        Fusion complete = fusion.withBias(true).withResiduals(residuals.length);
        return scoped(() -> x.conv1d(weight(), spec, complete, extras(residuals)));
    }
}
