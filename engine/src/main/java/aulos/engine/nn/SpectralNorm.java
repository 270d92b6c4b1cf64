// SPDX-License-Identifier: Apache-2.0
package aulos.engine.nn;

import aulos.engine.Scope;
import aulos.engine.Tensor;

/**
 * Spectral norm: w = W/σ with σ = uᵀ·W·v, W seen as a matrix [n, …] over its first axis (Miyato et al., arXiv 1802.05957;
 * PyTorch's {@code spectral_norm} in training mode). Every call first improves u and v by one power iteration, outside
 * the gradient:
 *
 * <pre>v ← Wᵀu/‖Wᵀu‖,  u ← Wv/‖Wv‖</pre>
 *
 * @param orig W
 * @param u [n], a buffer
 * @param v [the other dimensions' product], a buffer
 */
record SpectralNorm(Parameter orig, Parameter u, Parameter v) implements Weight {
    private static final double EPSILON = 1e-12;

    @Override
    public Tensor value() {
        Tensor weight = orig.tensor();
        int rows = weight.shape().dim(0);
        int columns = weight.shape().size() / rows;
        try (Scope scope = Scope.open()) {
            Tensor constant = weight.detach().reshape(rows, columns);
            Tensor nextV = normalised(constant.matmul(u.tensor().reshape(rows, 1), true, false)).detach();
            Tensor image = weight.reshape(rows, columns).matmul(nextV);
            Tensor nextU = normalised(image.detach()).detach();
            v.replace(nextV.reshape(columns));
            u.replace(nextU.reshape(rows));
            return scope.keep(weight.div(image.mul(nextU).sum()));
        }
    }

    private static Tensor normalised(Tensor vector) {
        return vector.div(vector.square().sum(0, 1).sqrt().clampMin(EPSILON));
    }
}
