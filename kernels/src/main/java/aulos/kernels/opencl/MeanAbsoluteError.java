// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import aulos.engine.Backend.Operand;
import org.jocl.cl_mem;

/** {@link aulos.engine.Kernel.MeanAbsoluteError} and its gradient: what work-items have added is left to {@link Sum}. */
final class MeanAbsoluteError {
    /** Up to so many terms a work-item adds alone. */
    private static final int SERIAL = 64;

    private static final int WIDTH = 4;

    private MeanAbsoluteError() {}

    static void forward(Queue queue, DevicePool buffers, Operand out, Operand a, Operand b) {
        int n = a.shape().size();
        int items = Math.ceilDiv(n, SERIAL);
        if (items == 1) {
            add(queue, n, items, OpenClBackend.memory(out), a, b);
            return;
        }
        OpenClBuffer parts = buffers.take(items);
        add(queue, n, items, parts.memory, a, b);
        Reduction.sumOfRow(queue, buffers, OpenClBackend.memory(out), parts.memory, items);
        buffers.give(parts);
    }

    private static void add(Queue queue, int n, int items, cl_mem y, Operand a, Operand b) {
        queue.launch("mean_absolute_error", "forward", items, n, items, y, OpenClBackend.memory(a),
                OpenClBackend.memory(b), inverse(n));
    }

    static void gradient(Queue queue, Operand out, Operand a, Operand b, Operand g) {
        int n = out.shape().size();
        queue.launch("mean_absolute_error", "gradient", Math.ceilDiv(n, WIDTH), n, OpenClBackend.memory(out),
                OpenClBackend.memory(a), OpenClBackend.memory(b), OpenClBackend.memory(g), inverse(n));
    }

    private static float inverse(int n) {
        return (float) (1.0 / n);
    }
}
