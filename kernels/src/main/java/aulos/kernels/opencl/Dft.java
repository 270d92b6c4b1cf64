// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import aulos.engine.Backend.Operand;
import aulos.engine.Kernel;
import java.util.HashMap;
import java.util.Map;
import org.jocl.Pointer;
import org.jocl.cl_mem;

/**
 * {@link Kernel.RealDft} and its adjoint, in float64, or on a device without it in pairs of float32: in float32 the
 * rounding alone would drown quiet frequencies. Powers of two are transformed in local memory, other lengths by the
 * definition. Window and waves are computed here and stay on the device.
 */
final class Dft {
    /** Bytes of a complex number. */
    private static final int COMPLEX = 2 * Double.BYTES;

    private final Queue queue;
    private final DevicePool buffers;
    private final boolean pairs;
    private final Map<Plan, OpenClBuffer> tables = new HashMap<>();

    private record Plan(int n, int hann) {}

    Dft(Queue queue, DevicePool buffers) {
        this.queue = queue;
        this.buffers = buffers;
        this.pairs = !queue.device().hasExtension("cl_khr_fp64");
    }

    /** How many buffers of the pool the tables take. */
    int keptBuffers() {
        return tables.size();
    }

    void forward(Kernel.RealDft kernel, Operand out, Operand in) {
        run("forward", kernel.n(), kernel.hann(), out, in, in.shape().size() / kernel.n());
    }

    void adjoint(Kernel.RealDftAdjoint kernel, Operand out, Operand in) {
        run("adjoint", kernel.n(), kernel.hann(), out, in, out.shape().size() / kernel.n());
    }

    private void run(String name, int n, int hann, Operand out, Operand in, int rows) {
        cl_mem table = tables.computeIfAbsent(new Plan(n, hann), this::table).memory;
        cl_mem y = OpenClBackend.memory(out);
        cl_mem x = OpenClBackend.memory(in);
        String options = "-DGROUP=" + Queue.GROUP + (pairs ? " -DPAIRS" : "");
        long[] local = {Queue.GROUP};
        long halfRow = (long) n / 2 * COMPLEX;
        if (n >= 4 && Integer.bitCount(n) == 1 && 2 * halfRow <= queue.device().localMemory()) {
            queue.launch("dft", options, "fft_" + name, new long[] {(long) rows * Queue.GROUP}, local, n, y, x, table,
                    new Queue.Local(halfRow), new Queue.Local(halfRow));
        } else {
            int size = out.shape().size();
            long items = Math.ceilDiv((long) size, Queue.GROUP) * Queue.GROUP;
            queue.launch("dft", options, name, new long[] {items}, local, size, n, y, x, table);
        }
    }

    /** The window, then cos(2πi/n), then sin(2πi/n): n numbers each, of two floats' size. */
    private OpenClBuffer table(Plan plan) {
        int n = plan.n;
        double[] values = new double[3 * n];
        System.arraycopy(Kernel.RealDft.window(n, plan.hann), 0, values, 0, n);
        for (int i = 0; i < n; i++) {
            values[n + i] = Math.cos(2 * Math.PI * i / n);
            values[2 * n + i] = Math.sin(2 * Math.PI * i / n);
        }
        OpenClBuffer table = buffers.take(2 * values.length);
        queue.write(table.memory, pairs ? Pointer.to(pairs(values)) : Pointer.to(values),
                (long) Double.BYTES * values.length);
        return table;
    }

    private static float[] pairs(double[] values) {
        float[] result = new float[2 * values.length];
        for (int i = 0; i < values.length; i++) {
            result[2 * i] = (float) values[i];
            result[2 * i + 1] = (float) (values[i] - result[2 * i]);
        }
        return result;
    }
}
