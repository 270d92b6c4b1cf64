// SPDX-License-Identifier: Apache-2.0
package aulos.engine.reference;

/** The kernels on the distance of two arrays. */
final class MeanAbsoluteError {
    private MeanAbsoluteError() {}

    static void forward(double[] a, double[] b, double[] y) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += Math.abs(a[i] - b[i]);
        }
        y[0] = sum / a.length;
    }

    static void gradient(double[] a, double[] b, double[] g, double[] y) {
        for (int i = 0; i < a.length; i++) {
            y[i] = Math.signum(a[i] - b[i]) * g[0] / a.length;
        }
    }
}
