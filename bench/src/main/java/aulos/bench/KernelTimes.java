// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import aulos.engine.Backend;
import aulos.engine.Kernel;
import aulos.engine.Shape;
import aulos.engine.study.ForwardingBackend;
import aulos.kernels.opencl.ConvLayer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A backend that waits for each kernel and adds up how long those of one kind and shape take. */
final class KernelTimes extends ForwardingBackend {
    private final Map<String, Row> rows = new HashMap<>();
    /** Steps of an optimiser that have been asked for and not waited for: a backend may make them together. */
    private Row steps;
    private long stepsStart;

    /**
     * All runs of one kind of kernel.
     *
     * @param flop of all, 0 if it is no convolution
     * @param bytes that all read and write at least
     */
    record Row(String what, int count, double seconds, double flop, double bytes) {
        private Row plus(Row other) {
            return new Row(what, count + other.count, seconds + other.seconds, flop + other.flop, bytes + other.bytes);
        }
    }

    /** @param inner is closed with this */
    KernelTimes(Backend inner) {
        super(inner);
    }

    /** The costliest first. */
    List<Row> rows() {
        finishSteps();
        return rows.values().stream().sorted(Comparator.comparingDouble(row -> -row.seconds)).toList();
    }

    /** After a warm-up. */
    void forget() {
        finishSteps();
        rows.clear();
    }

    @Override
    public void run(Kernel kernel, Operand out, Operand... in) {
        if (kernel instanceof Kernel.AdamW) {
            step(kernel, out, in);
            return;
        }
        finishSteps();
        inner.sync();
        long start = System.nanoTime();
        inner.run(kernel, out, in);
        inner.sync();
        double seconds = (System.nanoTime() - start) / 1e9;
        List<Shape> shapes = Arrays.stream(in).map(Operand::shape).toList();
        double bytes = 4.0 * Stream.concat(shapes.stream(), Stream.of(out.shape())).mapToInt(Shape::size).sum();
        boolean convolution = ConvLayer.isConvolution(kernel);
        ConvLayer layer = convolution ? new ConvLayer(kernel, out.shape(), shapes) : null;
        String name = kernel.getClass().getSimpleName();
        String what = convolution ? name + " " + layer.key()
                : kernel instanceof Kernel.Pointwise pointwise ? name + " " + pointwise.function() : name;
        rows.merge(what, new Row(what, 1, seconds, convolution ? layer.flop() : 0, bytes), Row::plus);
    }

    private void step(Kernel kernel, Operand out, Operand... in) {
        if (steps == null) {
            inner.sync();
            stepsStart = System.nanoTime();
            steps = new Row("AdamW", 0, 0, 0, 0);
        }
        inner.run(kernel, out, in);
        // Four are read, three written.
        steps = steps.plus(new Row("AdamW", 1, 0, 0, 4.0 * 7 * out.shape().size()));
    }

    private void finishSteps() {
        if (steps != null) {
            inner.sync();
            Row done = steps.plus(new Row("AdamW", 0, (System.nanoTime() - stepsStart) / 1e9, 0, 0));
            rows.merge("AdamW", done, Row::plus);
            steps = null;
        }
    }
}
