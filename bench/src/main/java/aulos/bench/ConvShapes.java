// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import aulos.engine.Backend;
import aulos.engine.Backend.Operand;
import aulos.engine.ConvSpec;
import aulos.engine.Fusion;
import aulos.engine.Kernel;
import aulos.engine.NdArray;
import aulos.engine.Shape;
import aulos.hifigan.model.ConvLayer;
import aulos.hifigan.model.HifiGanConfig;
import aulos.kernels.cpu.CpuBackend;
import aulos.kernels.cpu.FmaPeak;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Times every convolution of the paper's generators on the cpu backend, as vocoding runs them, next to the limit of the
 * machine measured in the same run.
 */
final class ConvShapes {
    private static final int ACTIVATIONS = 3;

    private final CpuBackend backend;
    private final int frames;
    private final int rounds;
    private final PrintWriter out;
    private final List<Operand> weights = new ArrayList<>();
    /** Activations take turns in a few buffers, as they do in vocoding: in fresh memory all would wait for it. */
    private final List<Backend.Buffer> activations = new ArrayList<>();
    /** Never written to, or values would grow from layer to layer without end. */
    private Backend.Buffer residual;
    /** Which of them the next layer reads. */
    private int turn;

    ConvShapes(CpuBackend backend, int frames, int rounds, PrintWriter out) {
        this.backend = backend;
        this.frames = frames;
        this.rounds = rounds;
        this.out = out;
    }

    /** Layers of the same shape and fusion count as one kind. */
    private record Kind(int in, int out, int kernelSize, int length, boolean transposed, ConvSpec spec, Fusion fusion) {
        Kernel kernel() {
            return transposed ? new Kernel.ConvInputGradient(spec, fusion) : new Kernel.Conv(spec, fusion);
        }

        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%-4s %3d>%-3d k%-2d x%-5d %s %s", transposed ? "up" : "conv", in, out,
                    kernelSize, length, spec, fusion);
        }
    }

    private record Layer(Kind kind, Kernel kernel, double flop, Operand out, List<Operand> in) {}

    void report(String name, HifiGanConfig config, int threads) {
        int largest = 0;
        for (ConvLayer layer : config.layers()) {
            largest = Math.max(largest, shape(layer.inChannels(), inLength(layer)).size());
        }
        for (int i = 0; i < ACTIVATIONS; i++) {
            activations.add(noise(Shape.of(largest), 1).buffer());
        }
        residual = noise(Shape.of(largest), 1).buffer();
        List<Layer> layers = config.layers().stream().map(this::layer).toList();
        long[] best = new long[layers.size()];
        Arrays.fill(best, Long.MAX_VALUE);
        double peak = FmaPeak.gigaflops(threads);
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < best.length; i++) {
                Operand[] in = layers.get(i).in.toArray(Operand[]::new);
                long start = System.nanoTime();
                backend.run(layers.get(i).kernel, layers.get(i).out, in);
                best[i] = Math.min(best[i], System.nanoTime() - start);
            }
        }
        peak = Math.max(peak, FmaPeak.gigaflops(threads));
        Map<Kind, double[]> sums = new LinkedHashMap<>();
        double[] total = new double[3];
        for (int i = 0; i < best.length; i++) {
            for (double[] sum : List.of(total, sums.computeIfAbsent(layers.get(i).kind, kind -> new double[3]))) {
                sum[0]++;
                sum[1] += best[i];
                sum[2] += layers.get(i).flop;
            }
        }
        double peakNow = peak;
        sums.forEach((kind, sum) -> print("  " + kind, sum, peakNow));
        print(name, total, peakNow);
        double seconds = (double) frames * config.mel().hopSize() / config.mel().samplingRate();
        out.printf(Locale.ROOT, "%s: %d frames, %.1f times real time; FMA peak %.0f GFLOP/s%n%n", name, frames,
                seconds / (total[1] * 1e-9), peak);
        weights.forEach(weight -> backend.free(weight.buffer()));
        activations.forEach(backend::free);
        backend.free(residual);
    }

    private void print(String what, double[] sum, double peak) {
        out.printf(Locale.ROOT, "%-62s %3.0f times %9.3f ms %6.1f GFLOP/s %5.1f %% of peak%n", what, sum[0],
                sum[1] * 1e-6, sum[2] / sum[1], 100 * sum[2] / sum[1] / peak);
    }

    private int inLength(ConvLayer layer) {
        return Math.toIntExact(layer.positionsPerFrame() * frames);
    }

    private static Shape shape(int channels, int length) {
        return Shape.of(1, channels, length);
    }

    private Layer layer(ConvLayer layer) {
        int length = inLength(layer);
        int outLength = layer.transposed() ? layer.spec().transposedLength(length, layer.kernelSize()) : length;
        Shape y = shape(layer.outChannels(), outLength);
        boolean first = layer.name().equals("conv_pre");
        boolean last = layer.name().equals("conv_post");
        boolean adds = layer.name().contains(".convs2.") || layer.name().contains(".convs.");
        Fusion fusion = new Fusion(first ? 1 : last ? 0.01 : 0.1, true, adds ? 1 : 0, 1, last);
        List<Operand> in = new ArrayList<>();
        in.add(new Operand(shape(layer.inChannels(), length), activations.get(turn)));
        turn = (turn + 1) % ACTIVATIONS;
        in.add(weight(layer.weightShape(), Math.sqrt(0.5 / layer.inChannels() / layer.kernelSize())));
        in.add(weight(layer.biasShape(), 0.1));
        Operand out = new Operand(y, activations.get(turn));
        for (int i = 0; i < fusion.residuals(); i++) {
            in.add(new Operand(y, residual));
        }
        Kind kind = new Kind(layer.inChannels(), layer.outChannels(), layer.kernelSize(), length, layer.transposed(),
                layer.spec(), fusion);
        double flop = 2.0 * layer.macsPerFrame() * frames;
        return new Layer(kind, kind.kernel(), flop, out, in);
    }

    private Operand weight(Shape shape, double bound) {
        Operand weight = noise(shape, bound);
        weights.add(weight);
        return weight;
    }

    private Operand noise(Shape shape, double bound) {
        SplittableRandom random = new SplittableRandom(shape.size());
        float[] values = new float[shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-bound, bound);
        }
        Operand operand = new Operand(shape, backend.allocate(shape.size()));
        backend.upload(operand.buffer(), NdArray.of(shape, values));
        return operand;
    }
}
