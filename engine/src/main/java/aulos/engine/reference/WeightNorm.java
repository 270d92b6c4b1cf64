// SPDX-License-Identifier: Apache-2.0
package aulos.engine.reference;

/** The kernels on rows and their norms; {@code g} holds one value for each row. */
final class WeightNorm {
    private WeightNorm() {}

    static void forward(double[] v, double[] g, double[] w) {
        int width = v.length / g.length;
        for (int row = 0; row < g.length; row++) {
            double norm = Math.sqrt(dot(v, v, row, width));
            for (int i = row * width; i < (row + 1) * width; i++) {
                w[i] = g[row] * v[i] / norm;
            }
        }
    }

    static void gradient(double[] v, double[] g, double[] x, double[] y) {
        int width = v.length / g.length;
        for (int row = 0; row < g.length; row++) {
            double squares = dot(v, v, row, width);
            double along = dot(v, x, row, width) / squares;
            for (int i = row * width; i < (row + 1) * width; i++) {
                y[i] = g[row] / Math.sqrt(squares) * (x[i] - v[i] * along);
            }
        }
    }

    static void projection(double[] v, double[] x, double[] y) {
        int width = v.length / y.length;
        for (int row = 0; row < y.length; row++) {
            y[row] = dot(v, x, row, width) / Math.sqrt(dot(v, v, row, width));
        }
    }

    private static double dot(double[] a, double[] b, int row, int width) {
        double sum = 0;
        for (int i = row * width; i < (row + 1) * width; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
