// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import aulos.engine.Backend.Operand;
import aulos.engine.ConvSpec;
import aulos.engine.Fusion;
import aulos.engine.Kernel;
import aulos.engine.Precision;
import aulos.engine.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * The two convolutions of a step of a residual block, found in what is asked for and computed in one kernel where that is
 * quicker: with few channels, on tensor cores, when nobody else reads what is between them. That is known when its buffer
 * is freed, so convolutions of this kind wait until something else is asked for.
 */
final class Pairs {
    /** Those of a residual block, twice over. */
    private static final int MOST = 12;

    private final OpenClConvolution convolution;
    private final DevicePool buffers;
    private final List<Step> waiting = new ArrayList<>();
    private final List<OpenClBuffer> freed = new ArrayList<>();

    /** A convolution that waits. */
    record Step(Kernel.Conv kernel, Operand out, Operand[] in) {
        Fusion fusion() {
            return kernel.fusion();
        }

        int kernelSize() {
            return in[1].shape().dim(2);
        }
    }

    Pairs(OpenClConvolution convolution, DevicePool buffers) {
        this.convolution = convolution;
        this.buffers = buffers;
    }

    /** Takes a kernel, if it can be part of a pair. */
    boolean add(Kernel kernel, Precision precision, Operand out, Operand[] in) {
        if (precision == Precision.FLOAT32 || !(kernel instanceof Kernel.Conv conv) || !isPart(conv, out, in)) {
            return false;
        }
        if (!freed.isEmpty() || waiting.size() == MOST) {
            flush();
        }
        waiting.add(new Step(conv, out, in.clone()));
        return true;
    }

    private static boolean isPart(Kernel.Conv conv, Operand out, Operand[] in) {
        Shape x = in[0].shape();
        Shape w = in[1].shape();
        ConvSpec spec = conv.spec();
        return (x.dim(1) == 32 || x.dim(1) == 64) && out.shape().equals(x) && w.dim(0) == x.dim(1) && spec.groups() == 1
                && spec.stride() == 1 && w.dim(2) % 2 == 1 && w.dim(2) <= 11
                && spec.padding() == spec.dilation() * (w.dim(2) - 1) / 2 && conv.fusion().bias() && !conv.fusion().tanh()
                && conv.fusion().residuals() <= OpenClConvolution.RESIDUALS;
    }

    /** Whether the buffer may be in use by what waits; it is then freed after that. */
    boolean free(OpenClBuffer buffer) {
        return !waiting.isEmpty() && freed.add(buffer);
    }

    /** Starts what waits. */
    void flush() {
        if (waiting.isEmpty()) {
            return;
        }
        List<Step> steps = List.copyOf(waiting);
        List<OpenClBuffer> unused = List.copyOf(freed);
        waiting.clear();
        freed.clear();
        for (int i = 0; i < steps.size(); i++) {
            if (i + 1 < steps.size() && isPair(steps, i, unused) && convolution.pair(steps.get(i), steps.get(i + 1))) {
                i++;
            } else {
                convolution.forward(steps.get(i).kernel, steps.get(i).out, steps.get(i).in);
            }
        }
        unused.forEach(buffers::give);
    }

    private static boolean isPair(List<Step> steps, int first, List<OpenClBuffer> unused) {
        Step a = steps.get(first);
        Step b = steps.get(first + 1);
        boolean follows = b.in[0].buffer() == a.out.buffer() && b.kernel.spec().dilation() == 1
                && a.kernelSize() == b.kernelSize() && a.fusion().residuals() == 0 && a.fusion().scale() == 1
                && unused.contains((OpenClBuffer) a.out.buffer()) && b.out.buffer() != a.in[0].buffer();
        return follows && readers(steps, a.out) == 1;
    }

    /** How many operands of the steps are this one. */
    private static long readers(List<Step> steps, Operand read) {
        return steps.stream().flatMap(step -> List.of(step.in).stream())
                .filter(operand -> operand.buffer() == read.buffer()).count();
    }
}
