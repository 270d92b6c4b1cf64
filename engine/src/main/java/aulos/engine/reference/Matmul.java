// SPDX-License-Identifier: Apache-2.0
package aulos.engine.reference;

import aulos.engine.Kernel;
import aulos.engine.Shape;
import java.util.Arrays;

final class Matmul {
    private Matmul() {}

    static void run(Kernel.Matmul kernel, double[] a, Shape shapeA, double[] b, Shape shapeB, double[] y) {
        int rows = shapeA.dim(kernel.transposeA() ? -1 : -2);
        int inner = shapeA.dim(kernel.transposeA() ? -2 : -1);
        int columns = shapeB.dim(kernel.transposeB() ? -2 : -1);
        Arrays.fill(y, 0);
        for (int batch = 0; batch < y.length / (rows * columns); batch++) {
            int startA = batch * rows * inner;
            int startB = batch * inner * columns;
            for (int i = 0; i < rows; i++) {
                for (int k = 0; k < inner; k++) {
                    double left = a[startA + (kernel.transposeA() ? k * rows + i : i * inner + k)];
                    for (int j = 0; j < columns; j++) {
                        y[(batch * rows + i) * columns + j] +=
                                left * b[startB + (kernel.transposeB() ? j * inner + k : k * columns + j)];
                    }
                }
            }
        }
    }
}
