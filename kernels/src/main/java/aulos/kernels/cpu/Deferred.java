// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu;

import aulos.engine.Backend.Operand;
import aulos.engine.ConvSpec;
import aulos.engine.Fusion;
import aulos.engine.Kernel;
import aulos.engine.Shape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Convolutions that were asked for and have not run, and the buffers that they write to, without memory so far. */
final class Deferred {
    /**
     * A convolution, or a transposed one, of one signal.
     *
     * @param freed what is not needed any more once it has run
     */
    record Step(boolean transposed, ConvSpec spec, Fusion fusion, Operand out, Operand[] in, List<CpuBuffer> freed) {}

    private final CpuConvolution convolution;
    private final BufferPool buffers;
    private final List<Step> steps = new ArrayList<>();
    /** Those that have no memory yet. */
    private final Set<CpuBuffer> reserved = new HashSet<>();

    Deferred(CpuConvolution convolution, BufferPool buffers) {
        this.convolution = convolution;
        this.buffers = buffers;
    }

    CpuBuffer allocate(int length) {
        CpuBuffer buffer = buffers.reserve(length);
        reserved.add(buffer);
        return buffer;
    }

    void free(CpuBuffer buffer) {
        if (steps.isEmpty()) {
            reserved.remove(buffer);
            buffers.give(buffer);
        } else {
            steps.getLast().freed.add(buffer);
        }
    }

    /** Puts a kernel off, if it is of the kind that can be. */
    boolean add(Kernel kernel, Operand out, Operand[] in) {
        Shape x = in[0].shape();
        if (!reserved.contains((CpuBuffer) out.buffer()) || in.length < 2 || isTaken((CpuBuffer) in[1].buffer())) {
            return false;
        }
        if (kernel instanceof Kernel.Conv(ConvSpec spec, Fusion fusion) && keepsLength(spec, x, out.shape())) {
            return steps.add(new Step(false, spec, fusion, out, in, new ArrayList<>()));
        }
        if (kernel instanceof Kernel.ConvInputGradient(ConvSpec spec, Fusion fusion) && steps.isEmpty()
                && ConvStream.canBegin(spec, x)) {
            return steps.add(new Step(true, spec, fusion, out, in, new ArrayList<>()));
        }
        return false;
    }

    /** Weights have to be there, and to be used once: they keep one packed form beside them. */
    private boolean isTaken(CpuBuffer weight) {
        return reserved.contains(weight) || steps.stream().anyMatch(step -> step.in[1].buffer() == weight);
    }

    private static boolean keepsLength(ConvSpec spec, Shape x, Shape y) {
        return spec.stride() == 1 && spec.groups() == 1 && x.dim(0) == 1 && x.dim(2) == y.dim(2);
    }

    /** Computes all that was put off; what is not freed by then has memory afterwards. */
    void run() {
        Set<CpuBuffer> freed = new HashSet<>();
        steps.forEach(step -> freed.addAll(step.freed));
        for (CpuBuffer buffer : reserved) {
            if (!freed.contains(buffer)) {
                buffers.back(buffer);
            }
        }
        ConvStream stream = convolution.stream(steps);
        if (stream != null) {
            stream.run();
        } else {
            for (Step step : steps) {
                CpuBuffer out = (CpuBuffer) step.out.buffer();
                if (out.values == null) {
                    buffers.back(out);
                }
                run(step);
                step.freed.forEach(buffers::give);
                step.freed.clear();
            }
        }
        drop();
    }

    private void run(Step step) {
        if (step.transposed) {
            convolution.inputGradient(new Kernel.ConvInputGradient(step.spec, step.fusion), step.out, step.in);
        } else {
            convolution.forward(new Kernel.Conv(step.spec, step.fusion), step.out, step.in);
        }
    }

    /** Forgets what has not run, and frees what was to be freed after it. */
    void drop() {
        for (Step step : steps) {
            step.freed.forEach(buffers::give);
        }
        steps.clear();
        reserved.clear();
    }
}
