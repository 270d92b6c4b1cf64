// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import aulos.engine.Backend.Operand;
import aulos.engine.Kernel;

/** {@link Kernel.AdamW}: one pass over parameter, gradient and both moments. */
final class AdamW {
    private AdamW() {}

    static void run(Queue queue, Kernel.AdamW kernel, Operand out, Operand... in) {
        int size = out.shape().size();
        float keep = (float) (1 - kernel.rate() * kernel.decay());
        float rate = (float) (kernel.rate() / (1 - Math.pow(kernel.beta1(), kernel.step())));
        float correction2 = (float) (1 / Math.sqrt(1 - Math.pow(kernel.beta2(), kernel.step())));
        queue.launch("adamw", "adamw", size, size, OpenClBackend.memory(out), OpenClBackend.memory(in[0]),
                OpenClBackend.memory(in[1]), OpenClBackend.memory(in[2]), (float) kernel.beta1(),
                (float) (1 - kernel.beta1()), (float) kernel.beta2(), (float) (1 - kernel.beta2()), keep, rate, correction2,
                (float) kernel.epsilon());
    }
}
