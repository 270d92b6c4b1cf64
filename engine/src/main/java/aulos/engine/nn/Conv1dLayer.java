// SPDX-License-Identifier: Apache-2.0
package aulos.engine.nn;

import aulos.engine.ConvSpec;
import aulos.engine.Fusion;
import aulos.engine.Shape;
import aulos.engine.Tensor;

/** A convolution with bias, [B, in, T] → [B, out, T′]; its weight is [out, in/groups, kernel]. */
public final class Conv1dLayer extends Convolution {
    public Conv1dLayer(Weights weights, int in, int out, int kernel, ConvSpec spec, WeightForm form) {
        this(weights, Shape.of(out, in / spec.groups(), kernel), spec, form);
    }

    private Conv1dLayer(Weights weights, Shape shape, ConvSpec spec, WeightForm form) {
        super(weights, shape, shape.dim(0), shape.dim(1) * shape.dim(2), spec, form);
    }

    /**
     * A convolution whose weight the state dict holds as [out, in, kernel, 1]: the official code's two-dimensional ones
     * that see one column at a time.
     */
    public static Conv1dLayer ofColumns(Weights weights, int in, int out, int kernel, ConvSpec spec, WeightForm form) {
        return new Conv1dLayer(weights, Shape.of(out, in, kernel, 1), spec, form);
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
