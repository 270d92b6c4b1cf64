// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu;

import java.util.List;

/**
 * What {@link aulos.engine.Fusion} does to the sums of a convolution, bias already in: y = tanh?(scale · (y +
 * residuals)). It runs on each tile while that is still in cache. Residuals have the output's shape, hence its offsets.
 */
record Epilogue(List<float[]> residuals, float scale, boolean tanh) {

    boolean isEmpty() {
        return residuals.isEmpty() && scale == 1 && !tanh;
    }

    void apply(float[] y, int offset, int count) {
        int end = offset + count;
        for (float[] residual : residuals) {
            for (int i = offset; i < end; i++) {
                y[i] += residual[i];
            }
        }
        if (scale != 1) {
            for (int i = offset; i < end; i++) {
                y[i] *= scale;
            }
        }
        if (tanh) {
            Rows.tanh(y, offset, count);
        }
    }
}
