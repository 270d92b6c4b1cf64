// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv;

import aulos.engine.Backend.Operand;
import aulos.engine.Shape;
import aulos.kernels.cpu.conv.job.ConvJob;
import aulos.kernels.cpu.run.BufferPool;
import aulos.kernels.cpu.run.CpuBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * Convolutions of several inputs with one weight, as one of a larger batch: where the weight is larger than what it is
 * used for, reading it once is worth copying the inputs and outputs. What an output is made from does not depend on the
 * batch, so the bits are those of one by one.
 */
final class JointBatch {
    private JointBatch() {}

    /** Whether a convolution can have company, and is better off with it. */
    static boolean suits(ConvJob step) {
        long signals = (long) step.in()[0].shape().size() + step.out().shape().size();
        return !step.transposed() && step.fusion().residuals() == 0 && step.in()[1].shape().size() >= signals;
    }

    /** Whether two convolutions differ in what they read and write alone. */
    static boolean isJoint(ConvJob first, ConvJob second) {
        return suits(first) && suits(second) && first.spec().equals(second.spec())
                && first.fusion().equals(second.fusion())
                && first.in()[0].shape().equals(second.in()[0].shape())
                && Arrays.equals(first.in(), 1, first.in().length, second.in(), 1, second.in().length);
    }

    /** @param steps all {@link #isJoint} */
    static void run(List<ConvJob> steps, CpuConvolution convolution, BufferPool buffers) {
        ConvJob first = steps.getFirst();
        Operand x = joint(first.in()[0].shape(), steps.size(), buffers);
        Operand y = joint(first.out().shape(), steps.size(), buffers);
        for (int i = 0; i < steps.size(); i++) {
            int size = first.in()[0].shape().size();
            System.arraycopy(CpuBuffer.values(steps.get(i).in()[0]), 0, CpuBuffer.values(x), i * size, size);
        }
        Operand[] in = first.in().clone();
        in[0] = x;
        convolution.run(new ConvJob(first.space(), false, first.spec(), first.fusion(), y, in));
        for (int i = 0; i < steps.size(); i++) {
            int size = first.out().shape().size();
            System.arraycopy(CpuBuffer.values(y), i * size, CpuBuffer.values(steps.get(i).out()), 0, size);
        }
        buffers.give((CpuBuffer) x.buffer());
        buffers.give((CpuBuffer) y.buffer());
    }

    private static Operand joint(Shape one, int count, BufferPool buffers) {
        Shape all = one.with(0, Math.multiplyExact(one.dim(0), count));
        return new Operand(all, buffers.take(all.size()));
    }
}
