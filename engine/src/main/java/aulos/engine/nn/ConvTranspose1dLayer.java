// SPDX-License-Identifier: Apache-2.0
package aulos.engine.nn;

import aulos.engine.ConvSpec;
import aulos.engine.Fusion;
import aulos.engine.Shape;
import aulos.engine.Tensor;

/** A transposed convolution with bias, [B, in, T] → [B, out, T′]; its weight is [in, out/groups, kernel]. */
public final class ConvTranspose1dLayer extends Convolution {
    public ConvTranspose1dLayer(Weights weights, int in, int out, int kernel, ConvSpec spec, WeightForm form) {
        super(weights, Shape.of(in, out / spec.groups(), kernel), out, out / spec.groups() * kernel, spec, form);
    }

    /** With pointwise work fused in; the bias is filled in here. */
    public Tensor forward(Tensor x, Fusion fusion) {
        return scoped(() -> x.convTranspose1d(weight(), spec, fusion.withBias(true), extras()));
    }
}
