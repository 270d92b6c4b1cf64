// SPDX-License-Identifier: Apache-2.0
package aulos.engine.reference;

import aulos.engine.Backend.Operand;
import aulos.engine.Kernel;
import aulos.engine.PointwiseFunction;
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
            y[i] = apply(kernel.function(), kernel.a(), kernel.b(), x[0][index[0][i]], x[1][index[1][i]]);
        }
    }

    private static double apply(PointwiseFunction function, double a, double b, double x, double z) {
        return switch (function) {
            case AFFINE -> a * x + b;
            case ABS -> Math.abs(x);
            case SIGN -> Math.signum(x);
            case SQRT -> Math.sqrt(x);
            case EXP -> Math.exp(x);
            case LOG -> Math.log(x);
            case TANH -> Math.tanh(x);
            case LEAKY_RELU -> x > 0 ? x : a * x;
            case CLAMP_MIN -> Math.max(x, a);
            case ADD -> x + z;
            case SUB -> x - z;
            case MUL -> x * z;
            case DIV -> x / z;
            case LEAKY_RELU_GRADIENT -> x > 0 ? z : a * z;
            case CLAMP_MIN_GRADIENT -> x >= a ? z : 0;
        };
    }
}
