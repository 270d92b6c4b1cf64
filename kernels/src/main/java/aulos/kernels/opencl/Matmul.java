// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import aulos.engine.Backend.Operand;
import aulos.engine.Kernel;
import aulos.engine.Shape;

/** {@link Kernel.Matmul}: square tiles of both operands pass through local memory; a transposition is a swap of strides. */
final class Matmul {
    private static final int TILE = 16;

    private Matmul() {}

    static void run(Queue queue, Kernel.Matmul kernel, Operand out, Operand a, Operand b) {
        Shape y = out.shape();
        int batch = y.rank() == 3 ? y.dim(0) : 1;
        int rows = y.dim(-2);
        int columns = y.dim(-1);
        int inner = kernel.transposeA() ? a.shape().dim(-2) : a.shape().dim(-1);
        int[] aStrides = kernel.transposeA() ? new int[] {1, rows} : new int[] {inner, 1};
        int[] bStrides = kernel.transposeB() ? new int[] {1, inner} : new int[] {columns, 1};
        long[] global = {roundUp(columns), roundUp(rows), batch};
        queue.launch("matmul", "-DTILE=" + TILE, "matmul", global, new long[] {TILE, TILE, 1}, rows, columns, inner,
                OpenClBackend.memory(out), OpenClBackend.memory(a), aStrides, OpenClBackend.memory(b), bStrides);
    }

    private static long roundUp(int size) {
        return Math.ceilDiv((long) size, TILE) * TILE;
    }
}
