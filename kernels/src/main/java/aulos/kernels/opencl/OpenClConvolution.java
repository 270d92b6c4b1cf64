// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import aulos.engine.Backend.Operand;
import aulos.engine.ConvSpec;
import aulos.engine.Fusion;
import aulos.engine.Kernel;
import aulos.engine.PointwiseFunction;
import aulos.engine.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * The convolutions of an OpenCL device. This is the place where the algorithm for a layer is chosen: so far always the
 * plain one, a work-item per output.
 */
final class OpenClConvolution {
    /** How many residuals a kernel adds. */
    private static final int RESIDUALS = 3;

    private final Queue queue;
    private final DevicePool buffers;

    /** @param buffers for what a convolution needs in passing */
    OpenClConvolution(Queue queue, DevicePool buffers) {
        this.queue = queue;
        this.buffers = buffers;
    }

    /** Operands x [B, Cin, T], w [Cout, Cin/groups, K], bias and residuals as the fusion says; out [B, Cout, T′]. */
    void forward(Kernel.Conv kernel, Operand out, Operand... in) {
        run("forward", kernel.spec(), kernel.fusion(), out, in);
    }

    /** Operands x [B, Cout, T′], w [Cout, Cin/groups, K], bias and residuals as the fusion says; out [B, Cin, T]. */
    void inputGradient(Kernel.ConvInputGradient kernel, Operand out, Operand... in) {
        run("input_gradient", kernel.spec(), kernel.fusion(), out, in);
    }

    /** Operands x [B, Cin, T], g [B, Cout, T′]; out [Cout, Cin/groups, K]. */
    void weightGradient(Kernel.ConvWeightGradient kernel, Operand out, Operand... in) {
        Shape x = in[0].shape();
        Shape g = in[1].shape();
        Shape w = out.shape();
        queue.launch("conv", "weight_gradient", w.size(), w.size(), x.dim(0), new int[] {x.dim(1), x.dim(2)},
                new int[] {g.dim(1), g.dim(2)}, new int[] {w.dim(1), w.dim(2)}, geometry(kernel.spec()),
                OpenClBackend.memory(out), OpenClBackend.memory(in[0]), OpenClBackend.memory(in[1]),
                (float) kernel.inputSlope(), (float) kernel.gradientSlope());
    }

    private void run(String name, ConvSpec spec, Fusion fusion, Operand out, Operand... in) {
        Shape x = in[0].shape();
        Shape y = out.shape();
        Shape w = in[1].shape();
        List<Operand> residuals = new ArrayList<>(List.of(in).subList(fusion.bias() ? 3 : 2, in.length));
        List<OpenClBuffer> sums = addSurplus(residuals);
        List<Object> arguments = new ArrayList<>(List.of(y.size(), new int[] {x.dim(1), x.dim(2)},
                new int[] {y.dim(1), y.dim(2)}, new int[] {w.dim(1), w.dim(2)}, geometry(spec),
                OpenClBackend.memory(out), OpenClBackend.memory(in[0]), OpenClBackend.memory(in[1]),
                (float) fusion.inputSlope(), fusion.bias() ? 1 : 0, OpenClBackend.memory(in[fusion.bias() ? 2 : 1]),
                residuals.size()));
        for (int i = 0; i < RESIDUALS; i++) {
            arguments.add(OpenClBackend.memory(i < residuals.size() ? residuals.get(i) : in[1]));
        }
        arguments.add((float) fusion.scale());
        arguments.add(fusion.tanh() ? 1 : 0);
        queue.launch("conv", name, y.size(), arguments.toArray());
        sums.forEach(buffers::give);
    }

    /** Adds residuals until no more are left than a kernel takes; returns the buffers that this needed. */
    private List<OpenClBuffer> addSurplus(List<Operand> residuals) {
        List<OpenClBuffer> sums = new ArrayList<>();
        Kernel.Pointwise add = new Kernel.Pointwise(PointwiseFunction.ADD, 0, 0);
        while (residuals.size() > RESIDUALS) {
            Operand first = residuals.removeFirst();
            Operand second = residuals.removeFirst();
            OpenClBuffer buffer = buffers.take(first.shape().size());
            Operand sum = new Operand(first.shape(), buffer);
            Pointwise.run(queue, add, sum, first, second);
            sums.add(buffer);
            residuals.addFirst(sum);
        }
        return sums;
    }

    private static int[] geometry(ConvSpec spec) {
        return new int[] {spec.stride(), spec.padding(), spec.dilation(), spec.groups()};
    }
}
