// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import aulos.engine.Backend.Operand;
import aulos.engine.Fusion;
import aulos.engine.Kernel;
import aulos.engine.PointwiseFunction;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A convolution's gradient in its input with what follows it in a backward pass: the gradient of a leaky ReLU, and an
 * addition to another gradient, in either order. It waits while kernels run that have nothing to do with it, and when its
 * result is needed, all is one kernel if what is between has been freed by then, so that nobody else can read it; else each is
 * a kernel, as it was asked for.
 */
final class GradientChain {
    private final OpenClConvolution convolution;
    private final Queue queue;
    private final DevicePool buffers;
    private final List<Link> links = new ArrayList<>();
    private final Set<OpenClBuffer> read = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<OpenClBuffer> written = Collections.newSetFromMap(new IdentityHashMap<>());
    private final List<OpenClBuffer> freed = new ArrayList<>();

    /** A kernel that waits, of which the first is the convolution. */
    private record Link(Kernel kernel, Operand out, Operand[] in) {}

    /**
     * What is done to a sum before it is stored.
     *
     * @param added a gradient that is added, or null
     * @param gate what went through a leaky ReLU, or null
     * @param slope of the leaky ReLU
     * @param gateLast whether its gradient is taken of the sum with what is added
     */
    record Behind(Operand added, Operand gate, double slope, boolean gateLast) {}

    GradientChain(OpenClConvolution convolution, Queue queue, DevicePool buffers) {
        this.convolution = convolution;
        this.queue = queue;
        this.buffers = buffers;
    }

    /** Takes a kernel if it begins or goes on a chain; else starts what waits, if the kernel has to do with it. */
    boolean add(Kernel kernel, Operand out, Operand... in) {
        if (links.isEmpty() ? begins(kernel) : goesOn(kernel, out, in)) {
            append(kernel, out, in);
            return true;
        }
        if (!links.isEmpty() && (begins(kernel) || touches(kernel, out, in))) {
            flush();
            return add(kernel, out, in);
        }
        return false;
    }

    private static boolean begins(Kernel kernel) {
        return kernel instanceof Kernel.ConvInputGradient gradient
                && gradient.fusion().equals(Fusion.NONE.withInputSlope(gradient.fusion().inputSlope()));
    }

    private boolean goesOn(Kernel kernel, Operand out, Operand... in) {
        Operand last = links.getLast().out;
        if (!(kernel instanceof Kernel.Pointwise pointwise) || isIn(pointwise.function()) || uses(out)
                || Stream.of(in).anyMatch(operand -> !operand.shape().equals(out.shape()))) {
            return false;
        }
        return switch (pointwise.function()) {
            case LEAKY_RELU_GRADIENT -> in[1].buffer() == last.buffer() && !isWritten(in[0]);
            case ADD -> in[0].buffer() == last.buffer() && !isWritten(in[1])
                    || in[1].buffer() == last.buffer() && !isWritten(in[0]);
            default -> false;
        };
    }

    private boolean isIn(PointwiseFunction function) {
        return links.stream().anyMatch(link -> link.kernel instanceof Kernel.Pointwise pointwise
                && pointwise.function() == function);
    }

    private boolean isWritten(Operand operand) {
        return written.contains((OpenClBuffer) operand.buffer());
    }

    private boolean uses(Operand operand) {
        return isWritten(operand) || read.contains((OpenClBuffer) operand.buffer());
    }

    /** Whether the kernel reads what is not written yet, or would write to what is yet to be read or written. */
    private boolean touches(Kernel kernel, Operand out, Operand... in) {
        return kernel instanceof Kernel.InPlace || uses(out) || Stream.of(in).anyMatch(this::isWritten);
    }

    private void append(Kernel kernel, Operand out, Operand... in) {
        links.add(new Link(kernel, out, in.clone()));
        for (Operand operand : in) {
            read.add((OpenClBuffer) operand.buffer());
        }
        written.add((OpenClBuffer) out.buffer());
    }

    /** Whether the buffer is in use by what waits; it is then freed after that. */
    boolean free(OpenClBuffer buffer) {
        return (read.contains(buffer) || written.contains(buffer)) && freed.add(buffer);
    }

    /** Starts what waits. */
    void flush() {
        if (links.isEmpty()) {
            return;
        }
        List<Link> waiting = List.copyOf(links);
        List<OpenClBuffer> unused = List.copyOf(freed);
        links.clear();
        read.clear();
        written.clear();
        freed.clear();
        Link first = waiting.getFirst();
        Kernel.ConvInputGradient gradient = (Kernel.ConvInputGradient) first.kernel;
        boolean together = waiting.size() > 1 && waiting.subList(0, waiting.size() - 1).stream()
                .allMatch(link -> unused.contains((OpenClBuffer) link.out.buffer()));
        if (together) {
            convolution.inputGradient(gradient, behind(waiting), waiting.getLast().out, first.in);
        } else {
            convolution.inputGradient(gradient, first.out, first.in);
            for (Link link : waiting.subList(1, waiting.size())) {
                Pointwise.run(queue, (Kernel.Pointwise) link.kernel, link.out, link.in);
            }
        }
        unused.forEach(buffers::give);
    }

    private static Behind behind(List<Link> waiting) {
        Operand added = null;
        Operand gate = null;
        double slope = 1;
        boolean gateLast = false;
        for (int i = 1; i < waiting.size(); i++) {
            Link link = waiting.get(i);
            Kernel.Pointwise pointwise = (Kernel.Pointwise) link.kernel;
            if (pointwise.function() == PointwiseFunction.ADD) {
                added = link.in[0].buffer() == waiting.get(i - 1).out.buffer() ? link.in[1] : link.in[0];
            } else {
                gate = link.in[0];
                slope = pointwise.a();
                gateLast = added != null;
            }
        }
        return new Behind(added, gate, slope, gateLast);
    }
}
