// SPDX-License-Identifier: Apache-2.0
package aulos.engine.nn;

import aulos.engine.Shape;
import aulos.engine.Tensor;

/**
 * y = x·Wᵀ + b, [B, in] → [B, out]. {@code weight} is [out, in] and {@code bias} [out], both drawn from U(−1/√in, 1/√in) as
 * PyTorch's {@code nn.Linear} does.
 */
public final class Linear extends Layer {
    private final Parameter weight;
    private final Parameter bias;

    public Linear(Weights weights, int in, int out) {
        super(weights);
        Initializer uniform = Initializer.uniform(1 / Math.sqrt(in));
        this.weight = parameter("weight", Shape.of(out, in), uniform);
        this.bias = parameter("bias", Shape.of(out), uniform);
    }

    public Tensor forward(Tensor x) {
        return scoped(() -> x.matmul(weight.tensor(), false, true).add(bias.tensor()));
    }
}
