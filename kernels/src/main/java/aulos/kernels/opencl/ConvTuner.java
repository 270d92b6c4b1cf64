// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import aulos.engine.Backend;
import aulos.engine.Backend.Operand;
import aulos.engine.Kernel;
import aulos.engine.NdArray;
import aulos.engine.Precision;
import aulos.engine.Shape;
import aulos.engine.reference.ReferenceBackend;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Finds out which tile computes a convolution fastest on a device. A tile whose result is wrong is not timed: each is
 * compared with the reference on the layer with its time axis cut short, and at full length with the other tiles.
 */
public final class ConvTuner implements AutoCloseable {
    /** Of the largest value: what float32 sums of thousands of terms differ by in another order. */
    private static final double TOLERANCE = 5e-5;

    /** A round of runs takes at least so long, or the clock and the start of a kernel would be measured. */
    private static final long ROUND_NANOS = 5_000_000;

    private static final int ROUNDS = 3;

    /**
     * What was found.
     *
     * @param rejected the tiles that gave wrong results, in words
     */
    public record Result(String layer, int length, String tile, int splits, double seconds, double gigaflops,
            double untunedSeconds, List<String> rejected) {}

    private final DeviceInfo device;
    private final ConvPlanner model;
    private final OpenClBackend backend;
    private final ReferenceBackend reference = new ReferenceBackend();
    private final List<ConvTuning.Entry> entries = new ArrayList<>();
    private ConvPlan forced;

    /** @param index of the device, as in {@code opencl:0} */
    public ConvTuner(int index) {
        List<DeviceInfo> devices = DeviceInfo.all();
        if (index >= devices.size()) {
            throw new IllegalStateException("device opencl:" + index + ": opencl has " + devices.size()
                    + (devices.size() == 1 ? " device" : " devices") + ", numbered from 0");
        }
        device = devices.get(index);
        model = new ConvPlanner(device, new ConvTuning(List.of()));
        backend = new OpenClBackend(index, device, ProgramFiles.usual(), problem -> forced);
    }

    /** One line about the device. */
    public String description() {
        return backend.description();
    }

    /** Measures every tile on the layer and remembers the fastest. */
    public Result tune(ConvLayer layer) {
        ConvProblem problem = layer.problem(Precision.FLOAT32);
        List<Operand> in = new ArrayList<>();
        for (Shape shape : layer.in()) {
            in.add(noise(backend, shape));
        }
        Operand out = new Operand(layer.out(), backend.allocate(layer.out().size()));
        try {
            return tune(layer, problem, out, in.toArray(Operand[]::new));
        } finally {
            in.forEach(operand -> backend.free(operand.buffer()));
            backend.free(out.buffer());
        }
    }

    private Result tune(ConvLayer layer, ConvProblem problem, Operand out, Operand[] in) {
        ConvLayer cut = layer.shortened();
        double[] expected = run(reference, cut).doubles();
        List<ConvPlan> candidates = model.candidates(problem);
        List<String> rejected = new ArrayList<>();
        NdArray first = null;
        ConvPlan best = null;
        double bestSeconds = Double.POSITIVE_INFINITY;
        double untuned = Double.NaN;
        for (ConvPlan plan : candidates) {
            forced = plan;
            if (!close(run(backend, cut).floats(), expected)) {
                rejected.add(plan.tile() + ": wrong on " + cut.in());
                continue;
            }
            double seconds = seconds(layer.kernel(), out, in, bestSeconds);
            NdArray result = backend.download(out.buffer(), layer.out());
            if (first != null && !close(result.floats(), first.doubles())) {
                rejected.add(plan.tile() + ": not what " + best.tile() + " gives on " + layer.in());
                continue;
            }
            first = first == null ? result : first;
            untuned = plan.equals(candidates.getFirst()) ? seconds : untuned;
            if (seconds < bestSeconds) {
                best = plan;
                bestSeconds = seconds;
            }
        }
        if (best == null) {
            throw new IllegalStateException("opencl: no tile computes " + layer + " right on " + device.name() + ": "
                    + rejected);
        }
        for (int splits : new int[] {Math.max(1, best.splits() / 2), best.splits() * 2}) {
            ConvPlan other = new ConvPlan(best.tile(), Math.min(splits, 1024));
            forced = other;
            double seconds = seconds(layer.kernel(), out, in, bestSeconds);
            if (seconds < 0.97 * bestSeconds && close(backend.download(out.buffer(), layer.out()).floats(), first.doubles())) {
                best = other;
                bestSeconds = seconds;
            }
        }
        entries.add(new ConvTuning.Entry(problem.layer(), problem.length(), best));
        return new Result(problem.layer(), problem.length(), best.tile().toString(), best.splits(), bestSeconds,
                1e-9 * problem.flop() / bestSeconds, untuned, rejected);
    }

    /** Seconds of one run: the best of a few rounds, or of one if that is far from the best so far. */
    private double seconds(Kernel kernel, Operand out, Operand[] in, double bestSoFar) {
        backend.run(kernel, out, in); // compiles, and packs weights
        double best = nanos(1, kernel, out, in);
        int runs = (int) Math.clamp(ROUND_NANOS / Math.max(1, best) + 1, 1, 1000);
        for (int round = 0; round < ROUNDS && best * 1e-9 < 3 * bestSoFar; round++) {
            best = Math.min(best, nanos(runs, kernel, out, in) / runs);
        }
        return best * 1e-9;
    }

    private double nanos(int runs, Kernel kernel, Operand out, Operand[] in) {
        backend.sync();
        long start = System.nanoTime();
        for (int i = 0; i < runs; i++) {
            backend.run(kernel, out, in);
        }
        backend.sync();
        return System.nanoTime() - start;
    }

    /** Makes what was found the device's tuning; returns the file. */
    public Path store() throws IOException {
        return ConvTuning.write(device, entries);
    }

    private static NdArray run(Backend backend, ConvLayer layer) {
        List<Operand> in = layer.in().stream().map(shape -> noise(backend, shape)).toList();
        Operand out = new Operand(layer.out(), backend.allocate(layer.out().size()));
        backend.run(layer.kernel(), out, in.toArray(Operand[]::new));
        NdArray result = backend.download(out.buffer(), layer.out());
        in.forEach(operand -> backend.free(operand.buffer()));
        backend.free(out.buffer());
        return result;
    }

    private static Operand noise(Backend backend, Shape shape) {
        SplittableRandom random = new SplittableRandom(shape.size());
        float[] values = new float[shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-1, 1);
        }
        Operand operand = new Operand(shape, backend.allocate(shape.size()));
        backend.upload(operand.buffer(), NdArray.of(shape, values));
        return operand;
    }

    private static boolean close(float[] actual, double[] expected) {
        double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
        for (int i = 0; i < actual.length; i++) {
            if (!(Math.abs(actual[i] - expected[i]) <= TOLERANCE * largest)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void close() {
        backend.close();
        reference.close();
    }
}
