// SPDX-License-Identifier: Apache-2.0
package aulos.engine.reference;

import aulos.engine.Backend;
import aulos.engine.Kernel;
import aulos.engine.NdArray;
import aulos.engine.Shape;
import java.util.Arrays;

/** Plain loops in float64 on one thread. */
public final class ReferenceBackend implements Backend {

    private record DoubleBuffer(double[] values) implements Buffer {
        @Override
        public int length() {
            return values.length;
        }
    }

    private int liveBuffers;
    private boolean closed;

    @Override
    public String name() {
        return "reference";
    }

    @Override
    public String description() {
        return "plain loops in float64, 1 thread";
    }

    @Override
    public boolean isDouble() {
        return true;
    }

    /** How many buffers are allocated and not freed. */
    public int liveBuffers() {
        return liveBuffers;
    }

    @Override
    public Buffer allocate(int length) {
        Backend.requireOpen(closed, name());
        liveBuffers++;
        double[] values = new double[length];
        Arrays.fill(values, Double.NaN); // a kernel that leaves an element unwritten shows
        return new DoubleBuffer(values);
    }

    @Override
    public void free(Buffer buffer) {
        liveBuffers--;
    }

    @Override
    public void upload(Buffer buffer, NdArray source) {
        Backend.requireOpen(closed, name());
        System.arraycopy(source.doubles(), 0, values(buffer), 0, buffer.length());
    }

    @Override
    public NdArray download(Buffer buffer, Shape shape) {
        Backend.requireOpen(closed, name());
        return NdArray.of(shape, values(buffer).clone());
    }

    @Override
    public void run(Kernel kernel, Operand out, Operand... in) {
        Backend.requireOpen(closed, name());
        double[] y = values(out.buffer());
        Shape shape = out.shape();
        double[] x = values(in[0].buffer());
        Shape input = in[0].shape();
        switch (kernel) {
            case Kernel.Pointwise k -> Pointwise.run(k, y, shape, in);
            case Kernel.Sum k -> Strided.sum(x, input, y, shape);
            case Kernel.Max _ -> Strided.max(x, input, y, shape);
            case Kernel.Matmul k -> Matmul.run(k, x, input, values(in[1].buffer()), in[1].shape(), y);
            case Kernel.StridedCopy k -> Strided.copy(x, k.offset(), k.strides(), y, shape);
            case Kernel.StridedPlace k -> Strided.place(x, input, y, k.offset(), k.strides());
            case Kernel.Concat k -> Strided.concat(k.axis(), in, y, shape);
            case Kernel.Gather k -> Strided.gather(x, input, y, k.axis(), k.indices());
            case Kernel.ScatterAdd k -> Strided.scatterAdd(x, y, shape, k.axis(), k.indices());
            case Kernel.ReflectPad k -> Signal.reflectPad(x, input.dim(-1), y, k.left(), k.right());
            case Kernel.ReflectPadAdjoint k -> Signal.reflectPadAdjoint(x, y, shape.dim(-1), k.left(), k.right());
            case Kernel.Frame k -> Signal.frame(x, input.dim(-1), y, shape.dim(-2), k.size(), k.hop());
            case Kernel.OverlapAdd k -> Signal.overlapAdd(x, input.dim(-2), y, shape.dim(-1), k.size(), k.hop());
            case Kernel.RealDft k -> Signal.dft(x, y, k.n(), Kernel.RealDft.window(k.n(), k.hann()));
            case Kernel.RealDftAdjoint k -> Signal.dftAdjoint(x, y, k.n(), Kernel.RealDft.window(k.n(), k.hann()));
            case Kernel.Conv k -> Convolution.forward(k, out, in);
            case Kernel.ConvInputGradient k -> Convolution.inputGradient(k, out, in);
            case Kernel.ConvWeightGradient k -> Convolution.weightGradient(k, out, in);
            case Kernel.WeightNorm _ -> WeightNorm.forward(x, values(in[1].buffer()), y);
            case Kernel.WeightNormGradient _ ->
                    WeightNorm.gradient(x, values(in[1].buffer()), values(in[2].buffer()), y);
            case Kernel.RowProjection _ -> WeightNorm.projection(x, values(in[1].buffer()), y);
            case Kernel.MeanAbsoluteError _ -> MeanAbsoluteError.forward(x, values(in[1].buffer()), y);
            case Kernel.MeanAbsoluteErrorGradient _ ->
                    MeanAbsoluteError.gradient(x, values(in[1].buffer()), values(in[2].buffer()), y);
            case Kernel.Sgd k -> sgd(k, y, x, values(in[1].buffer()));
            case Kernel.AdamW k -> adamW(k, y, x, values(in[1].buffer()), values(in[2].buffer()));
        }
    }

    private static void sgd(Kernel.Sgd k, double[] p, double[] g, double[] m) {
        for (int i = 0; i < p.length; i++) {
            m[i] = k.momentum() * m[i] + g[i] + k.decay() * p[i];
            p[i] -= k.rate() * m[i];
        }
    }

    private static void adamW(Kernel.AdamW k, double[] p, double[] g, double[] m, double[] v) {
        double correction1 = 1 - Math.pow(k.beta1(), k.step());
        double correction2 = 1 - Math.pow(k.beta2(), k.step());
        for (int i = 0; i < p.length; i++) {
            m[i] = k.beta1() * m[i] + (1 - k.beta1()) * g[i];
            v[i] = k.beta2() * v[i] + (1 - k.beta2()) * g[i] * g[i];
            double denominator = Math.sqrt(v[i] / correction2) + k.epsilon();
            p[i] = p[i] * (1 - k.rate() * k.decay()) - k.rate() / correction1 * m[i] / denominator;
        }
    }

    static double[] values(Buffer buffer) {
        return ((DoubleBuffer) buffer).values;
    }

    @Override
    public void sync() {}

    @Override
    public void close() {
        closed = true;
    }
}
