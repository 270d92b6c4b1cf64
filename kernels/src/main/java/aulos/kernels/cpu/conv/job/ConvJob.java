// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv.job;

import aulos.engine.Backend.Operand;
import aulos.engine.ConvSpec;
import aulos.engine.Fusion;
import aulos.engine.Shape;
import aulos.kernels.cpu.loop.Rows;
import aulos.kernels.cpu.run.CpuBuffer;
import aulos.kernels.cpu.run.Workspace;
import java.util.ArrayList;
import java.util.List;

/**
 * A convolution to compute, or a transposed one.
 *
 * @param in x [B, C, T], w [Cout, Cin/groups, K], the bias if any, the residuals, as the fusion says
 */
public record ConvJob(Workspace space, boolean transposed, ConvSpec spec, Fusion fusion, Operand out, Operand[] in) {
    public Shape inShape() {
        return in[0].shape();
    }

    public float[] x() {
        return CpuBuffer.values(in[0]);
    }

    public float inputSlope() {
        return (float) fusion.inputSlope();
    }

    public Shape weightShape() {
        return in[1].shape();
    }

    public CpuBuffer weightBuffer() {
        return (CpuBuffer) in[1].buffer();
    }

    public float[] weight() {
        return CpuBuffer.values(in[1]);
    }

    /** One value for each output channel; null: none. */
    public float[] bias() {
        return fusion.bias() ? CpuBuffer.values(in[2]) : null;
    }

    public List<Operand> residuals() {
        return List.of(in).subList(firstResidual(), in.length);
    }

    private int firstResidual() {
        return fusion.bias() ? 3 : 2;
    }

    public Epilogue epilogue() {
        List<float[]> residuals = new ArrayList<>();
        for (int i = firstResidual(); i < in.length; i++) {
            residuals.add(CpuBuffer.values(in[i]));
        }
        return new Epilogue(residuals, (float) fusion.scale(), fusion.tanh());
    }

    public float[] output() {
        return CpuBuffer.values(out);
    }

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
}
