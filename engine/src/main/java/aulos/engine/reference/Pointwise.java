// SPDX-License-Identifier: Apache-2.0
package aulos.engine.reference;

import aulos.engine.Backend.Operand;
import aulos.engine.Kernel;
import aulos.engine.Shape;

final class Pointwise {
    private Pointwise() {}

    static void run(Kernel.Pointwise kernel, double[] y, Shape shape, Operand... in) {
        double[][] x = new double[2][];
        int[][] index = new int[2][];
        for (int i = 0; i < 2; i++) {
            Operand operand = in[Math.min(i, in.length - 1)];
            x[i] = ReferenceBackend.values(operand.buffer());
            index[i] = Strided.indices(Strided.broadcastStrides(operand.shape(), shape), shape);
        }
        for (int i = 0; i < y.length; i++) {
            y[i] = kernel.function().of(x[0][index[0][i]], x[1][index[1][i]], kernel.a(), kernel.b());
        }
    }
}
