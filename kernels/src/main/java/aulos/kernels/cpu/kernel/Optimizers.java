// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.kernel;

import aulos.engine.Backend.Operand;
import aulos.engine.Kernel;
import aulos.kernels.cpu.run.CpuBuffer;
import aulos.kernels.cpu.run.WorkerPool;

/** {@link Kernel.Sgd} and {@link Kernel.AdamW}. */
public final class Optimizers {
    private static final int BLOCK = 1 << 14;

    private Optimizers() {}

    /** One pass over parameter, gradient and velocity. */
    public static void sgd(WorkerPool workers, Kernel.Sgd kernel, Operand out, Operand... in) {
        float[] p = CpuBuffer.values(out);
        float[] g = CpuBuffer.values(in[0]);
        float[] m = CpuBuffer.values(in[1]);
        workers.elements(out.shape().size(), (from, to) -> step(kernel, p, g, m, from, to));
    }

    /** In a form that the compiler vectorises by itself. */
    private static void step(Kernel.Sgd kernel, float[] p, float[] g, float[] m, int from, int to) {
        float rate = (float) kernel.rate();
        float momentum = (float) kernel.momentum();
        float decay = (float) kernel.decay();
        for (int i = from; i < to; i++) {
            m[i] = momentum * m[i] + g[i] + decay * p[i];
            p[i] -= rate * m[i];
        }
    }

    /** One pass over parameter, gradient and both moments, which bounds it by memory. */
    public static void adamW(WorkerPool workers, Kernel.AdamW kernel, Operand out, Operand... in) {
        float[] p = CpuBuffer.values(out);
        float[] g = CpuBuffer.values(in[0]);
        float[] m = CpuBuffer.values(in[1]);
        float[] v = CpuBuffer.values(in[2]);
        int length = out.shape().size();
        workers.run(Math.ceilDiv(length, BLOCK), (index, worker) -> {
            int from = index * BLOCK;
            step(kernel, p, g, m, v, from, Math.min(length, from + BLOCK));
        });
    }

    /** In a form that the compiler vectorises by itself. */
    private static void step(Kernel.AdamW kernel, float[] p, float[] g, float[] m, float[] v, int from, int to) {
        float beta1 = (float) kernel.beta1();
        float beta2 = (float) kernel.beta2();
        float rest1 = (float) (1 - kernel.beta1());
        float rest2 = (float) (1 - kernel.beta2());
        float keep = (float) (1 - kernel.rate() * kernel.decay());
        float rate = (float) (kernel.rate() / (1 - Math.pow(kernel.beta1(), kernel.step())));
        float correction2 = (float) (1 / Math.sqrt(1 - Math.pow(kernel.beta2(), kernel.step())));
        float epsilon = (float) kernel.epsilon();
        for (int i = from; i < to; i++) {
            m[i] = beta1 * m[i] + rest1 * g[i];
            v[i] = beta2 * v[i] + rest2 * g[i] * g[i];
            float denominator = (float) Math.sqrt(v[i]) * correction2 + epsilon;
            p[i] = p[i] * keep - rate * m[i] / denominator;
        }
    }
}
