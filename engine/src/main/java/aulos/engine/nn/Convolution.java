// SPDX-License-Identifier: Apache-2.0
package aulos.engine.nn;

import aulos.engine.ConvSpec;
import aulos.engine.NdArray;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** What {@link Conv1dLayer} and {@link ConvTranspose1dLayer} share: weight and bias, and how they start. */
abstract class Convolution extends Layer {
    final ConvSpec spec;
    private final Weight weight;
    private final Parameter bias;

    /**
     * @param weights with {@code bias} and what {@code form} says
     * @param shape of the weight in the state dict, of rank 3 or, with a trailing 1, rank 4
     * @param channels length of the bias
     * @param fan as PyTorch counts it: weight and bias start as U(±1/√fan), weight norm's g as ‖v‖
     */
    Convolution(Weights weights, Shape shape, int channels, int fan, ConvSpec spec, WeightForm form) {
        super(weights);
        this.spec = spec;
        Initializer uniform = Initializer.uniform(1 / Math.sqrt(fan));
        this.bias = parameter("bias", Shape.of(channels), uniform);
        this.weight = switch (form) {
            case PLAIN -> new PlainWeight(parameter("weight", shape, uniform));
            case WEIGHT_NORM -> weightNorm(shape, uniform);
            case SPECTRAL_NORM -> new SpectralNorm(
                    parameter("weight_orig", shape, uniform),
                    buffer("weight_u", Shape.of(shape.dim(0)), Convolution::direction),
                    buffer("weight_v", Shape.of(shape.size() / shape.dim(0)), Convolution::direction));
        };
    }

    private Weight weightNorm(Shape shape, Initializer uniform) {
        Shape gains = shape;
        for (int axis = 1; axis < shape.rank(); axis++) {
            gains = gains.with(axis, 1);
        }
        NdArray[] drawn = new NdArray[1];
        Parameter g = parameter("weight_g", gains, (gShape, random) -> {
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

    /** A random direction: normal deviates, scaled to length 1. */
    private static NdArray direction(Shape shape, RandomGenerator random) {
        double[] values = new double[shape.size()];
        double squares = 0;
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextGaussian();
            squares += values[i] * values[i];
        }
        for (int i = 0; i < values.length; i++) {
            values[i] /= Math.sqrt(squares);
        }
        return NdArray.of(shape, values);
    }

    /** The weight to convolve with, of rank 3. */
    final Tensor weight() {
        Tensor value = weight.value();
        Shape shape = value.shape();
        return value.reshape(shape.dim(0), shape.dim(1), shape.dim(2));
    }

    /** The fused operands: the bias, then the residuals. */
    final Tensor[] extras(Tensor... residuals) {
        List<Tensor> extras = new ArrayList<>(List.of(bias.tensor()));
        extras.addAll(List.of(residuals));
        return extras.toArray(Tensor[]::new);
    }
}
