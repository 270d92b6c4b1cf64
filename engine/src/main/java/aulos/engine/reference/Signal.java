// SPDX-License-Identifier: Apache-2.0
package aulos.engine.reference;

import java.util.Arrays;

/** Kernels on the last axis (or two) of a signal; what lies before them is one long batch. */
final class Signal {
    private Signal() {}

    static void reflectPad(double[] x, int length, double[] y, int left, int right) {
        int padded = left + length + right;
        for (int i = 0; i < y.length; i++) {
            y[i] = x[i / padded * length + mirror(i % padded - left, length)];
        }
    }

    static void reflectPadAdjoint(double[] x, double[] y, int length, int left, int right) {
        int padded = left + length + right;
        Arrays.fill(y, 0);
        for (int i = 0; i < x.length; i++) {
            y[i / padded * length + mirror(i % padded - left, length)] += x[i];
        }
    }

    private static int mirror(int t, int length) {
        int positive = Math.abs(t);
        return positive < length ? positive : 2 * (length - 1) - positive;
    }

    static void frame(double[] x, int length, double[] y, int frames, int size, int hop) {
        for (int row = 0; row < y.length / size; row++) {
            System.arraycopy(x, row / frames * length + row % frames * hop, y, row * size, size);
        }
    }

    static void overlapAdd(double[] x, int frames, double[] y, int length, int size, int hop) {
        Arrays.fill(y, 0);
        for (int row = 0; row < x.length / size; row++) {
            int start = row / frames * length + row % frames * hop;
            for (int i = 0; i < size; i++) {
                y[start + i] += x[row * size + i];
            }
        }
    }

    static void dft(double[] x, double[] y, int n, double[] window) {
        int bins = n / 2 + 1;
        double[] waves = waves(n);
        for (int row = 0; row < x.length / n; row++) {
            for (int k = 0; k < bins; k++) {
                double re = 0;
                double im = 0;
                for (int t = 0; t < n; t++) {
                    int phase = (int) ((long) k * t % n);
                    double value = window[t] * x[row * n + t];
                    re += value * waves[phase];
                    im -= value * sine(waves, phase);
                }
                y[row * 2 * bins + k] = re;
                y[row * 2 * bins + bins + k] = im;
            }
        }
    }

    static void dftAdjoint(double[] x, double[] y, int n, double[] window) {
        int bins = n / 2 + 1;
        double[] waves = waves(n);
        for (int row = 0; row < y.length / n; row++) {
            for (int t = 0; t < n; t++) {
                double sum = 0;
                for (int k = 0; k < bins; k++) {
                    int phase = (int) ((long) k * t % n);
                    sum += x[row * 2 * bins + k] * waves[phase] - x[row * 2 * bins + bins + k] * sine(waves, phase);
                }
                y[row * n + t] = window[t] * sum;
            }
        }
    }

    /** cos(2πi/n) for i below n, and behind them sin(2πi/n). */
    private static double[] waves(int n) {
        double[] table = new double[2 * n];
        for (int i = 0; i < n; i++) {
            table[i] = Math.cos(2 * Math.PI * i / n);
            table[n + i] = Math.sin(2 * Math.PI * i / n);
        }
        return table;
    }

    private static double sine(double[] table, int phase) {
        return table[table.length / 2 + phase];
    }
}
