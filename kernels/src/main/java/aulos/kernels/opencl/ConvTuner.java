// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import aulos.engine.Backend;
import aulos.engine.Backend.Operand;
import aulos.engine.Backends;
import aulos.engine.Kernel;
import aulos.engine.NdArray;
import aulos.engine.Precision;
import aulos.engine.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Finds out which tile computes a convolution fastest on a device. A tile whose result is wrong is not timed: each is
 * compared with the cpu backend on the layer with its time axis cut short, computed once, and at full length with the other
 * tiles, on the device. Programs are compiled by all of the machine's cores before they are needed, see {@link #compile}.
 */
public final class ConvTuner implements AutoCloseable {
    /** Tiles of a layer that are tried; the model's choice is among the fastest few. */
    private static final int CANDIDATES = 4;

    /** And of those that only the device can prove. */
    private static final int UNPROVEN = 2;

    /** A round of runs takes at least so long, or the clock and the start of a kernel would be measured. */
    private static final long ROUND_NANOS = 1_000_000;

    private static final int ROUNDS = 3;

    /** Work-items that compare. */
    private static final int COMPARING = 4096;

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
    private final Backend reference = Backends.open("cpu");
    private final Map<ConvLayer, float[]> expected = new HashMap<>();
    private final List<ConvTuning.Entry> entries = new ArrayList<>();
    private Precision precision = Precision.FLOAT32;
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

    /** Whether layers can be tuned for a precision. */
    public boolean takes(Precision wanted) {
        return wanted == Precision.FLOAT32 || device.computeCapability() >= OpenClBackend.TENSOR_CORES;
    }

    /** @throws IllegalStateException if the device cannot */
    public void usePrecision(Precision wanted) {
        backend.useConvolutionPrecision(wanted);
        precision = wanted;
    }

    /**
     * Begins to compile all that the layers' candidates need, in the order of the layers, on as many threads as there are
     * processors; {@link #tune} waits for what it needs.
     */
    public void compile(List<ConvLayer> layers) {
        for (ConvLayer layer : layers) {
            for (ConvLayer form : List.of(layer, layer.shortened())) {
                candidates(layer).forEach(plan -> backend.compile(form.problem(precision), plan));
            }
        }
    }

    private List<ConvPlan> candidates(ConvLayer layer) {
        return model.toTry(layer.problem(precision), device.isCpu() ? Integer.MAX_VALUE : CANDIDATES, UNPROVEN);
    }

    /** Measures the likeliest tiles on the layer and remembers the fastest. */
    public Result tune(ConvLayer layer) {
        ConvProblem problem = layer.problem(precision);
        List<Operand> in = new ArrayList<>();
        for (Shape shape : layer.in()) {
            Operand operand = new Operand(shape, backend.allocate(shape.size()));
            backend.noise(operand.buffer(), in.size());
            in.add(operand);
        }
        Operand out = new Operand(layer.out(), backend.allocate(layer.out().size()));
        Operand first = new Operand(layer.out(), backend.allocate(layer.out().size()));
        try {
            return tune(layer, problem, out, first, in.toArray(Operand[]::new));
        } finally {
            in.forEach(operand -> backend.free(operand.buffer()));
            backend.free(out.buffer());
            backend.free(first.buffer());
        }
    }

    private Result tune(ConvLayer layer, ConvProblem problem, Operand out, Operand first, Operand[] in) {
        ConvLayer cut = layer.shortened();
        float[] right = expected.computeIfAbsent(cut, key -> run(reference, key));
        List<ConvPlan> candidates = candidates(layer);
        List<String> rejected = new ArrayList<>();
        ConvPlan best = null;
        double bestSeconds = Double.POSITIVE_INFINITY;
        double untuned = Double.NaN;
        for (ConvPlan plan : candidates) {
            if (!plan.tile().fits(device, cut.problem(precision))) {
                continue;
            }
            forced = plan;
            backend.forgetPlans();
            try {
                if (!close(run(backend, cut), right)) {
                    rejected.add(plan.tile() + ": wrong on " + cut.in());
                    continue;
                }
            } catch (OpenClException refused) {
                // Of a driver that does not take the program, the next tile is tried; a lost device takes none.
                rejected.add(plan.tile() + ": " + refused.getMessage());
                continue;
            }
            double seconds = seconds(layer.kernel(), best == null ? first : out, in, bestSeconds);
            if (best != null && backend.difference(out.buffer(), first.buffer(), COMPARING) > tolerance()) {
                rejected.add(plan.tile() + ": not what " + best.tile() + " gives on " + layer.in());
                continue;
            }
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
            if (!ConvPlan.splits(best.tile()) || splits > 1024) {
                continue;
            }
            ConvPlan other = new ConvPlan(best.tile(), splits);
            forced = other;
            backend.forgetPlans();
            double seconds = seconds(layer.kernel(), out, in, bestSeconds);
            if (seconds < 0.97 * bestSeconds
                    && backend.difference(out.buffer(), first.buffer(), COMPARING) <= tolerance()) {
                best = other;
                bestSeconds = seconds;
            }
        }
        entries.add(new ConvTuning.Entry(problem.layer(), problem.length(), best));
        return new Result(problem.layer(), problem.length(), best.tile().toString(), best.splits(), bestSeconds,
                1e-9 * problem.flop() / bestSeconds, untuned, rejected);
    }

    /** Of the largest value: what sums of thousands of terms differ by in another order, and what rounding costs. */
    private double tolerance() {
        return switch (precision) {
            case FLOAT32 -> 5e-5;
            case TF32 -> 1e-3;
            case BF16 -> 1e-2;
        };
    }

    /** Seconds of one run: the best of a few rounds, or of one if that is far from the best so far. */
    private double seconds(Kernel kernel, Operand out, Operand[] in, double bestSoFar) {
        backend.run(kernel, out, in); // waits for the compiler, and packs weights
        double best = nanos(1, kernel, out, in);
        int runs = (int) Math.clamp(ROUND_NANOS / Math.max(1, best) + 1, 1, 1000);
        for (int round = 0; round < ROUNDS && best * 1e-9 < 1.5 * bestSoFar; round++) {
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

    private static float[] run(Backend backend, ConvLayer layer) {
        List<Operand> in = layer.in().stream().map(shape -> noise(backend, shape)).toList();
        Operand out = new Operand(layer.out(), backend.allocate(layer.out().size()));
        backend.run(layer.kernel(), out, in.toArray(Operand[]::new));
        float[] result = backend.download(out.buffer(), layer.out()).floats();
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

    private boolean close(float[] actual, float[] right) {
        double largest = 0;
        for (float value : right) {
            largest = Math.max(largest, Math.abs(value));
        }
        for (int i = 0; i < actual.length; i++) {
            if (!(Math.abs(actual[i] - right[i]) <= tolerance() * largest)) {
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
