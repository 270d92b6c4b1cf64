// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import aulos.engine.Backend.Operand;
import aulos.engine.Kernel;
import java.util.Locale;
import org.jocl.cl_mem;

/** {@link Kernel.Pointwise}: four neighbours per work-item where all shapes are equal, else one with its own indices. */
final class Pointwise {
    private static final int WIDTH = 4;

    private Pointwise() {}

    static void run(Queue queue, Kernel.Pointwise kernel, Operand out, Operand... in) {
        Operand first = in[0];
        Operand second = in[in.length - 1];
        int size = out.shape().size();
        String name = kernel.function().name().toLowerCase(Locale.ROOT);
        cl_mem y = OpenClBackend.memory(out);
        cl_mem x = OpenClBackend.memory(first);
        cl_mem z = OpenClBackend.memory(second);
        float a = (float) kernel.a();
        float b = (float) kernel.b();
        // Of equal size means of equal order: neither has a broadcast axis.
        if (first.shape().size() == size && second.shape().size() == size) {
            queue.launch("pointwise", name + "_dense", Math.ceilDiv(size, WIDTH), size, y, x, z, a, b);
        } else {
            Axes axes = Axes.of(out.shape(), Axes.broadcast(first.shape(), out.shape()),
                    Axes.broadcast(second.shape(), out.shape()));
            queue.launch("pointwise", axes.options(), name + "_broadcast", size, size, y, x, z, a, b, axes.dims(),
                    axes.strides()[0], axes.strides()[1]);
        }
    }
}
