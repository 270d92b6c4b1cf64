// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv.job;

import aulos.kernels.cpu.loop.Rows;
import java.util.List;

/**
 * What {@link aulos.engine.Fusion} does to the sums of a convolution, bias already in: y = tanh?(scale · (y +
 * residuals)). It runs on each tile while that is still in cache. Residuals have the output's shape, hence its offsets.
 */
public record Epilogue(List<float[]> residuals, float scale, boolean tanh) {

    public boolean isEmpty() {
        return residuals.isEmpty() && scale == 1 && !tanh;
    }

    public void apply(float[] y, int offset, int count) {
        apply(y, offset, 0, 1, count);
    }

    /** On {@code rows} rows of {@code count} sums, {@code stride} apart. */
    public void apply(float[] y, int offset, int stride, int rows, int count) {
        int last = residuals.size() - 1;
        for (int i = 0; i <= last; i++) {
            Rows.add(residuals.get(i), offset, stride, y, offset, stride, rows, count, i == last ? scale : 1);
        }
        for (int row = 0; row < rows && last < 0 && scale != 1; row++) {
            for (int i = offset + row * stride; i < offset + row * stride + count; i++) {
                y[i] *= scale;
            }
        }
        for (int row = 0; row < rows && tanh; row++) {
            Rows.tanh(y, offset + row * stride, count);
        }
    }
}
