// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import aulos.engine.Backend.Operand;
import aulos.engine.Kernel;

/** Kernels on the last axis (or two) of a signal; what lies before them is one long batch. Each output is gathered. */
final class Signal {
    private Signal() {}

    static void pad(Queue queue, Kernel.ReflectPad kernel, Operand out, Operand in) {
        run(queue, "reflect_pad", out, in, in.shape().dim(-1), kernel.left(), kernel.right());
    }

    static void padAdjoint(Queue queue, Kernel.ReflectPadAdjoint kernel, Operand out, Operand in) {
        run(queue, "reflect_pad_adjoint", out, in, out.shape().dim(-1), kernel.left(), kernel.right());
    }

    static void frame(Queue queue, Kernel.Frame kernel, Operand out, Operand in) {
        run(queue, "frame", out, in, in.shape().dim(-1), out.shape().dim(-2), kernel.size(), kernel.hop());
    }

    static void overlapAdd(Queue queue, Kernel.OverlapAdd kernel, Operand out, Operand in) {
        run(queue, "overlap_add", out, in, out.shape().dim(-1), in.shape().dim(-2), kernel.size(), kernel.hop());
    }

    private static void run(Queue queue, String name, Operand out, Operand in, Object... sizes) {
        int count = out.shape().size();
        Object[] arguments = new Object[3 + sizes.length];
        arguments[0] = count;
        arguments[1] = OpenClBackend.memory(out);
        arguments[2] = OpenClBackend.memory(in);
        System.arraycopy(sizes, 0, arguments, 3, sizes.length);
        queue.launch("signal", name, count, arguments);
    }
}
