// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.kernel;

import aulos.engine.Backend.Operand;
import aulos.kernels.cpu.loop.PointwiseLoops;
import aulos.kernels.cpu.loop.Reductions;
import aulos.kernels.cpu.run.CpuBuffer;
import aulos.kernels.cpu.run.WorkerPool;

/**
 * {@link aulos.engine.Kernel.MeanAbsoluteError} and its gradient: one pass each. Terms are added as {@link Sum} adds them,
 * and the gradient has the bits of the formula put together from pointwise kernels.
 */
public final class MeanAbsoluteError {
    /** Terms per piece of work: half as many as a sum's, from two operands. */
    private static final int CHUNK = 8 * Reductions.LANES * Reductions.DEPTH;

    private MeanAbsoluteError() {}

    public static void forward(WorkerPool pool, Operand out, Operand[] in) {
        float[] a = CpuBuffer.values(in[0]);
        float[] b = CpuBuffer.values(in[1]);
        int n = in[0].shape().size();
        Sum.Terms terms = (offset, rows, width, sums) -> Reductions.distances(a, b, offset, rows, width, sums);
        double total = Sum.ofPieces(pool, Math.ceilDiv(n, CHUNK), 2 * CHUNK, (piece, lanes) -> {
            int from = piece * CHUNK;
            return Sum.ofRun(terms, from, Math.min(CHUNK, n - from), lanes);
        });
        CpuBuffer.values(out)[0] = (float) total * inverse(n);
    }

    public static void gradient(WorkerPool pool, Operand out, Operand[] in) {
        float[] a = CpuBuffer.values(in[0]);
        float[] b = CpuBuffer.values(in[1]);
        float[] y = CpuBuffer.values(out);
        int n = out.shape().size();
        float factor = CpuBuffer.values(in[2])[0] * inverse(n);
        pool.elements(n, (from, to) ->
                PointwiseLoops.signOfDifference(factor, 0, a, from, b, from, y, from, to - from));
    }

    /** In float32, as a mean has it that is put together from other kernels. */
    private static float inverse(int n) {
        return (float) (1.0 / n);
    }
}
