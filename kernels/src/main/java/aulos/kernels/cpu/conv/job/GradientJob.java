// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv.job;

import aulos.engine.Backend.Operand;
import aulos.engine.ConvSpec;
import aulos.engine.Kernel;
import aulos.engine.Shape;
import aulos.kernels.cpu.run.CpuBuffer;
import aulos.kernels.cpu.run.Workspace;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The gradient of a convolution in its weight, to compute.
 *
 * @param out [Cout, Cin/groups, K]
 * @param in x [B, Cin, T] and the gradient [B, Cout, T′], each of which passes through a leaky ReLU
 */
public record GradientJob(Workspace space, Kernel.ConvWeightGradient kernel, Operand out, Operand[] in) {
    public ConvSpec spec() {
        return kernel.spec();
    }

    public Shape weightShape() {
        return out.shape();
    }

    public Shape inShape() {
        return in[0].shape();
    }

    public float[] x() {
        return CpuBuffer.values(in[0]);
    }

    public float inputSlope() {
        return (float) kernel.inputSlope();
    }

    public Shape gradientShape() {
        return in[1].shape();
    }

    public float[] gradient() {
        return CpuBuffer.values(in[1]);
    }

    public float gradientSlope() {
        return (float) kernel.gradientSlope();
    }

    public float[] output() {
        return CpuBuffer.values(out);
    }

    /**
     * A way to compute gradients of convolutions in their weights.
     *
     * @param suits whether it is a good way: its thresholds, each with the measurement that set it, stand beside it
     */
    public record Algorithm(Predicate<GradientJob> suits, Consumer<GradientJob> run) {}
}
