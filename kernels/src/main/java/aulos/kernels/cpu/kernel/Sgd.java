// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.kernel;

import aulos.engine.Backend.Operand;
import aulos.engine.Kernel;
import aulos.kernels.cpu.run.CpuBuffer;
import aulos.kernels.cpu.run.Split;
import aulos.kernels.cpu.run.WorkerPool;

/** {@link Kernel.Sgd}: one pass over parameter, gradient and velocity. */
public final class Sgd {
    private Sgd() {}

    public static void run(WorkerPool workers, Kernel.Sgd kernel, Operand out, Operand... in) {
        float[] p = CpuBuffer.values(out);
        float[] g = CpuBuffer.values(in[0]);
        float[] m = CpuBuffer.values(in[1]);
        Split.elements(workers, out.shape().size(), (from, to) -> step(kernel, p, g, m, from, to));
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
}
