// SPDX-License-Identifier: Apache-2.0
package aulos.engine.nn;

import aulos.engine.ConvSpec;
import aulos.engine.NdArray;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import java.util.ArrayList;
import java.util.List;

/** What {@link Conv1dLayer} and {@link ConvTranspose1dLayer} share: weight and bias, and how they start. */
abstract class Convolution extends Layer {
    final ConvSpec spec;
    private final Weight weight;
    private final Tensor bias;

    /**
     * @param weights with {@code bias} and {@code weight} or {@code weight_g}, {@code weight_v}
     * @param weightShape of {@code weight} or {@code weight_v}
     * @param channels length of the bias
     * @param fan as PyTorch counts it: weight and bias start as U(±1/√fan), g as ‖v‖
     */
    Convolution(Weights weights, Shape weightShape, int channels, int fan, ConvSpec spec, WeightForm form) {
        super(weights);
        this.spec = spec;
        Initializer uniform = Initializer.uniform(1 / Math.sqrt(fan));
        this.bias = parameter("bias", Shape.of(channels), uniform);
        this.weight = switch (form) {
            case PLAIN -> new PlainWeight(parameter("weight", weightShape, uniform));
            case WEIGHT_NORM -> weightNorm(weightShape, uniform);
        };
    }

    private Weight weightNorm(Shape shape, Initializer uniform) {
        NdArray[] drawn = new NdArray[1];
        Tensor g = parameter("weight_g", shape.with(1, 1).with(2, 1), (gShape, random) -> {
            drawn[0] = uniform.draw(shape, random);
            return norms(drawn[0], gShape);
        });
        return new WeightNorm(g, parameter("weight_v", shape, (vShape, random) -> drawn[0]));
    }

    private static NdArray norms(NdArray v, Shape gShape) {
        float[] norms = new float[gShape.size()];
        int row = v.shape().size() / norms.length;
        for (int i = 0; i < norms.length; i++) {
            double sum = 0;
            for (int j = 0; j < row; j++) {
                sum += v.get(i * row + j) * v.get(i * row + j);
            }
            norms[i] = (float) Math.sqrt(sum);
        }
        return NdArray.of(gShape, norms);
    }

    final Tensor weight() {
        return weight.value();
    }

    /** The fused operands: the bias, then the residuals. */
    final Tensor[] extras(Tensor... residuals) {
        List<Tensor> extras = new ArrayList<>(List.of(bias));
        extras.addAll(List.of(residuals));
        return extras.toArray(Tensor[]::new);
    }
}
