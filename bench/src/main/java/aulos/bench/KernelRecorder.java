// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import aulos.engine.Backend;
import aulos.engine.Kernel;
import aulos.engine.NdArray;
import aulos.engine.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/** A backend that computes nothing and counts what it is asked for, so that a model tells its kernels at once. */
final class KernelRecorder implements Backend {
    private final Map<KernelCall, Integer> calls = new LinkedHashMap<>();

    private record Nothing(int length) implements Buffer {}

    /** Each call and how often it was made, in the order of their first times; all steps of AdamW are the first. */
    Map<KernelCall, Integer> calls() {
        return calls;
    }

    @Override
    public void run(Kernel kernel, Operand out, Operand... in) {
        calls.merge(new KernelCall(kernel, out.shape(), Stream.of(in).map(Operand::shape).toList()), 1, Integer::sum);
    }

    @Override
    public Buffer allocate(int length) {
        return new Nothing(length);
    }

    /** Zeros. */
    @Override
    public NdArray download(Buffer buffer, Shape shape) {
        return NdArray.of(shape, new float[shape.size()]);
    }

    @Override
    public String name() {
        return "recorder";
    }

    @Override
    public String description() {
        return "recorder: computes nothing";
    }

    @Override
    public boolean isDouble() {
        return false;
    }

    @Override
    public void upload(Buffer buffer, NdArray source) {}

    @Override
    public void free(Buffer buffer) {}

    @Override
    public void sync() {}

    @Override
    public void close() {}
}
