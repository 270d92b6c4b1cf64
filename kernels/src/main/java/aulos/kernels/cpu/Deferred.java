// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu;

import aulos.engine.Backend.Operand;
import aulos.engine.ConvSpec;
import aulos.engine.Kernel;
import aulos.engine.Shape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Convolutions that were asked for and have not run, and the buffers that they write to, without memory so far. */
final class Deferred {
    /**
     * A convolution of stride 1 of one signal, whose output is as long as its input.
     *
     * @param freed what is not needed any more once it has run
     */
    record Step(Kernel.Conv kernel, Operand out, Operand[] in, List<CpuBuffer> freed) {}

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

    /** Puts a convolution off, if it is of the kind that can be. */
    boolean add(Kernel.Conv kernel, Operand out, Operand[] in) {
        ConvSpec spec = kernel.spec();
        Shape x = in[0].shape();
        boolean fits = spec.stride() == 1 && spec.groups() == 1 && !kernel.fusion().tanh() && x.dim(0) == 1
                && x.dim(2) == out.shape().dim(2) && reserved.contains((CpuBuffer) out.buffer());
        if (fits) {
            steps.add(new Step(kernel, out, in, new ArrayList<>()));
        }
        return fits;
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
                convolution.forward(step.kernel, step.out, step.in);
                step.freed.forEach(buffers::give);
                step.freed.clear();
            }
        }
        drop();
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
