// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv;

import aulos.engine.Backend.Operand;
import aulos.engine.ConvSpec;
import aulos.engine.Fusion;
import aulos.engine.Kernel;
import aulos.engine.Shape;
import aulos.kernels.cpu.run.BufferPool;
import aulos.kernels.cpu.run.CpuBuffer;
import aulos.kernels.cpu.run.WorkerPool;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** A convolution's sizes, with runs of its three kernels on seeded noise and the same by plain loops in double. */
record ConvCase(int batch, int cin, int cout, int length, int kernel, ConvSpec spec) {

    static ConvCase of(int batch, int cin, int cout, int length, int kernel, int stride, int padding, int dilation,
            int groups) {
        return new ConvCase(batch, cin, cout, length, kernel, new ConvSpec(stride, padding, dilation, groups));
    }

    int outLength() {
        return spec.outputLength(length, kernel);
    }

    Shape x() {
        return Shape.of(batch, cin, length);
    }

    Shape y() {
        return Shape.of(batch, cout, outLength());
    }

    Shape w() {
        return Shape.of(cout, cin / spec.groups(), kernel);
    }

    float[] forward(int threads, Fusion fusion, float[] x, float[] w, float[] bias, List<float[]> residuals) {
        try (WorkerPool pool = new WorkerPool(threads)) {
            Operand out = output(y());
            Operand[] in = operands(fusion, operand(x(), x), operand(w(), w), bias, cout, residuals, y());
            convolution(pool).forward(new Kernel.Conv(spec, fusion), out, in);
            return result(out);
        }
    }

    float[] inputGradient(int threads, Fusion fusion, float[] g, float[] w, float[] bias, List<float[]> residuals) {
        try (WorkerPool pool = new WorkerPool(threads)) {
            Operand out = output(x());
            Operand[] in = operands(fusion, operand(y(), g), operand(w(), w), bias, cin, residuals, x());
            convolution(pool).inputGradient(new Kernel.ConvInputGradient(spec, fusion), out, in);
            return result(out);
        }
    }

    float[] weightGradient(int threads, double inputSlope, double gradientSlope, float[] x, float[] g) {
        try (WorkerPool pool = new WorkerPool(threads)) {
            Operand out = output(w());
            convolution(pool).weightGradient(new Kernel.ConvWeightGradient(spec, inputSlope, gradientSlope), out,
                    new Operand[] {operand(x(), x), operand(y(), g)});
            return result(out);
        }
    }

    static CpuConvolution convolution(WorkerPool pool) {
        return new CpuConvolution(pool, new BufferPool(0), false);
    }

    /** The convolution's sums over x. */
    double[] sums(double[] x, float[] w) {
        double[] y = new double[y().size()];
        forEachRun((iy, ix, iw, n) -> {
            for (int i = 0; i < n; i++) {
                y[iy + i] += x[ix + i * spec.stride()] * w[iw];
            }
        });
        return y;
    }

    /** The sums of the gradient in the input. */
    double[] inputSums(double[] g, float[] w) {
        double[] x = new double[x().size()];
        forEachRun((iy, ix, iw, n) -> {
            for (int i = 0; i < n; i++) {
                x[ix + i * spec.stride()] += g[iy + i] * w[iw];
            }
        });
        return x;
    }

    /** The sums of the gradient in the weight. */
    double[] weightSums(double[] x, double[] g) {
        double[] w = new double[w().size()];
        forEachRun((iy, ix, iw, n) -> {
            double sum = 0;
            for (int i = 0; i < n; i++) {
                sum += g[iy + i] * x[ix + i * spec.stride()];
            }
            w[iw] += sum;
        });
        return w;
    }

    /** The products of a weight w[o, c, k] with samples that are not padding, by flat indices. */
    private interface Run {
        /** Those of y + i and x + i·stride for i from 0 to {@code n} − 1. */
        void at(int y, int x, int w, int n);
    }

    private void forEachRun(Run run) {
        int perGroup = cin / spec.groups();
        int outPerGroup = cout / spec.groups();
        for (int b = 0; b < batch; b++) {
            for (int o = 0; o < cout; o++) {
                for (int c = 0; c < perGroup; c++) {
                    int channel = o / outPerGroup * perGroup + c;
                    for (int k = 0; k < kernel; k++) {
                        int shift = k * spec.dilation() - spec.padding();
                        int first = Math.max(0, Math.ceilDiv(-shift, spec.stride()));
                        int end = Math.min(outLength(), Math.ceilDiv(length - shift, spec.stride()));
                        if (first < end) {
                            run.at((b * cout + o) * outLength() + first,
                                    (b * cin + channel) * length + first * spec.stride() + shift,
                                    (o * perGroup + c) * kernel + k, end - first);
                        }
                    }
                }
            }
        }
    }

    static double[] leaky(float[] x, double slope) {
        double[] result = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            result[i] = x[i] > 0 ? x[i] : x[i] * slope;
        }
        return result;
    }

    /** The fusion after the sums, over a result [batch, channels, length]. */
    static double[] finish(double[] sums, Fusion fusion, Shape shape, float[] bias, List<float[]> residuals) {
        double[] result = new double[sums.length];
        for (int i = 0; i < sums.length; i++) {
            double y = sums[i];
            if (fusion.bias()) {
                y += bias[i / shape.dim(2) % shape.dim(1)];
            }
            for (float[] residual : residuals) {
                y += residual[i];
            }
            y *= fusion.scale();
            result[i] = fusion.tanh() ? Math.tanh(y) : y;
        }
        return result;
    }

    static float[] noise(int size, long seed) {
        Random random = new Random(seed);
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = random.nextFloat() * 2 - 1;
        }
        return values;
    }

    static List<float[]> residuals(Fusion fusion, Shape shape) {
        List<float[]> result = new ArrayList<>();
        for (int i = 0; i < fusion.residuals(); i++) {
            result.add(noise(shape.size(), 100 + i));
        }
        return result;
    }

    private static Operand[] operands(Fusion fusion, Operand x, Operand w, float[] bias, int channels,
            List<float[]> residuals, Shape out) {
        List<Operand> in = new ArrayList<>(List.of(x, w));
        if (fusion.bias()) {
            in.add(operand(Shape.of(channels), bias));
        }
        residuals.forEach(residual -> in.add(operand(out, residual)));
        return in.toArray(Operand[]::new);
    }

    /** As from the pool: in an array that is longer, with other numbers behind. */
    private static Operand operand(Shape shape, float[] values) {
        float[] longer = Arrays.copyOf(values, shape.size() + 5);
        Arrays.fill(longer, shape.size(), longer.length, 12345);
        return new Operand(shape, new CpuBuffer(longer, shape.size()));
    }

    private static Operand output(Shape shape) {
        float[] unwritten = new float[shape.size()];
        Arrays.fill(unwritten, Float.NaN);
        return operand(shape, unwritten);
    }

    private static float[] result(Operand out) {
        float[] values = ((CpuBuffer) out.buffer()).values;
        int size = out.shape().size();
        for (int i = size; i < values.length; i++) {
            if (values[i] != 12345) {
                throw new AssertionError("wrote beyond the output: element " + i + " of " + size);
            }
        }
        return Arrays.copyOf(values, size);
    }

    @Override
    public String toString() {
        return "x" + x() + " w" + w() + " " + spec;
    }
}
