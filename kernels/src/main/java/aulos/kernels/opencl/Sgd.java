// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import aulos.engine.Backend.Operand;
import aulos.engine.Kernel;

/** {@link Kernel.Sgd}: one pass over parameter, gradient and velocity. */
final class Sgd {
    private Sgd() {}

    static void run(Queue queue, Kernel.Sgd kernel, Operand out, Operand... in) {
        int size = out.shape().size();
        queue.launch("sgd", "sgd", size, size, OpenClBackend.memory(out), OpenClBackend.memory(in[0]),
                OpenClBackend.memory(in[1]), (float) kernel.rate(), (float) kernel.momentum(), (float) kernel.decay());
    }
}
