// SPDX-License-Identifier: Apache-2.0
package aulos.engine.reference;

import aulos.engine.Backend.Operand;
import aulos.engine.ConvSpec;
import aulos.engine.Fusion;
import aulos.engine.Kernel;
import aulos.engine.Shape;
import java.util.Arrays;

/** The three convolutions, each as one loop nest over its formula with the time axis innermost. */
final class Convolution {
    private Convolution() {}

    static void forward(Kernel.Conv kernel, Operand out, Operand... in) {
        ConvSpec spec = kernel.spec();
        double[] x = leakyRelu(in[0], kernel.fusion().inputSlope());
        double[] y = ReferenceBackend.values(out.buffer());
        Arrays.fill(y, 0);
        forEachTap(spec, in[0].shape(), in[1], out.shape(), (weight, xRow, yRow, shift, from, to) -> {
            if (spec.stride() == 1) { // the same loop, in a form that the compiler vectorises
                for (int t = from; t < to; t++) {
                    y[yRow + t] += weight * x[xRow + t + shift];
                }
            } else {
                for (int t = from; t < to; t++) {
                    y[yRow + t] += weight * x[xRow + t * spec.stride() + shift];
                }
            }
        });
        finish(kernel.fusion(), out, in);
    }

    static void inputGradient(Kernel.ConvInputGradient kernel, Operand out, Operand... in) {
        ConvSpec spec = kernel.spec();
        double[] g = leakyRelu(in[0], kernel.fusion().inputSlope());
        double[] x = ReferenceBackend.values(out.buffer());
        Arrays.fill(x, 0);
        forEachTap(spec, out.shape(), in[1], in[0].shape(), (weight, xRow, gRow, shift, from, to) -> {
            for (int t = from; t < to; t++) {
                x[xRow + t * spec.stride() + shift] += weight * g[gRow + t];
            }
        });
        finish(kernel.fusion(), out, in);
    }

    static void weightGradient(Kernel.ConvWeightGradient kernel, Operand out, Operand... in) {
        ConvSpec spec = kernel.spec();
        double[] x = leakyRelu(in[0], kernel.inputSlope());
        double[] g = leakyRelu(in[1], kernel.gradientSlope());
        double[] w = ReferenceBackend.values(out.buffer());
        Shape xShape = in[0].shape();
        Shape gShape = in[1].shape();
        int cells = out.shape().dim(1);
        int taps = out.shape().dim(2);
        for (int i = 0; i < w.length; i++) {
            int o = i / (cells * taps);
            int channel = o / (out.shape().dim(0) / spec.groups()) * cells + i / taps % cells;
            int shift = i % taps * spec.dilation() - spec.padding();
            int from = firstInside(shift, spec.stride());
            int to = firstBeyond(shift, spec.stride(), xShape.dim(2), gShape.dim(2));
            double sum = 0;
            for (int b = 0; b < xShape.dim(0); b++) {
                int xRow = (b * xShape.dim(1) + channel) * xShape.dim(2);
                int gRow = (b * gShape.dim(1) + o) * gShape.dim(2);
                for (int t = from; t < to; t++) {
                    sum += g[gRow + t] * x[xRow + t * spec.stride() + shift];
                }
            }
            w[i] = sum;
        }
    }

    /** One weight and the rows it connects: output t with input t·stride + shift, for t in [from, to). */
    private interface Tap {
        void run(double weight, int xRow, int yRow, int shift, int from, int to);
    }

    private static void forEachTap(ConvSpec spec, Shape x, Operand weight, Shape y, Tap body) {
        double[] w = ReferenceBackend.values(weight.buffer());
        int cells = weight.shape().dim(1);
        int taps = weight.shape().dim(2);
        int outputsPerGroup = y.dim(1) / spec.groups();
        for (int row = 0; row < y.dim(0) * y.dim(1); row++) {
            int b = row / y.dim(1);
            int o = row % y.dim(1);
            for (int c = 0; c < cells; c++) {
                int channel = o / outputsPerGroup * cells + c;
                for (int k = 0; k < taps; k++) {
                    int shift = k * spec.dilation() - spec.padding();
                    body.run(w[(o * cells + c) * taps + k], (b * x.dim(1) + channel) * x.dim(2), row * y.dim(2), shift,
                            firstInside(shift, spec.stride()),
                            firstBeyond(shift, spec.stride(), x.dim(2), y.dim(2)));
                }
            }
        }
    }

    /** The smallest t ≥ 0 with t·stride + shift ≥ 0. */
    private static int firstInside(int shift, int stride) {
        return Math.max(0, Math.ceilDiv(-shift, stride));
    }

    /** The smallest t with t·stride + shift ≥ length, at most {@code outputs}. */
    private static int firstBeyond(int shift, int stride, int length, int outputs) {
        return Math.clamp(Math.ceilDiv(length - shift, stride), 0, outputs);
    }

    private static double[] leakyRelu(Operand operand, double slope) {
        double[] x = ReferenceBackend.values(operand.buffer());
        return slope == 1 ? x : Arrays.stream(x).map(value -> value > 0 ? value : slope * value).toArray();
    }

    private static void finish(Fusion fusion, Operand out, Operand... in) {
        double[] y = ReferenceBackend.values(out.buffer());
        for (int i = 0; i < y.length; i++) {
            double sum = y[i];
            for (int extra = 2; extra < in.length; extra++) {
                boolean isBias = fusion.bias() && extra == 2;
                int at = isBias ? i / out.shape().dim(2) % out.shape().dim(1) : i;
                sum += ReferenceBackend.values(in[extra].buffer())[at];
            }
            sum *= fusion.scale();
            y[i] = fusion.tanh() ? Math.tanh(sum) : sum;
        }
    }
}
