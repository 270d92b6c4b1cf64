// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv.bilinear;

import aulos.engine.ConvSpec;
import aulos.engine.Shape;
import aulos.kernels.cpu.conv.job.GradientJob;
import aulos.kernels.cpu.conv.layout.TurnedInput;
import aulos.kernels.cpu.run.BufferPool;
import aulos.kernels.cpu.run.WorkerPool;
import aulos.kernels.cpu.run.Workspace.Scratch;

/**
 * What gradients in the weight have in common that turn input and gradient first, so that vectors run along channels
 * ({@link TurnedInput}).
 */
abstract class TurnedCorrelation {
    final WorkerPool pool;
    final Scratch scratch;
    final BufferPool buffers;
    final float[] output;
    final ConvSpec spec;
    final int kernelSize;
    /** Input channels of a group. */
    final int cin;
    /** Output channels of all groups. */
    final int allOut;
    private final GradientJob job;

    TurnedCorrelation(GradientJob job) {
        this.job = job;
        pool = job.space().pool();
        scratch = job.space().scratch();
        buffers = job.space().buffers();
        output = job.output();
        spec = job.spec();
        kernelSize = job.weightShape().dim(2);
        cin = job.weightShape().dim(1);
        allOut = job.weightShape().dim(0);
    }

    /** [batch, channels, columns] of the gradient. */
    final Shape gradientShape() {
        return job.gradientShape();
    }

    /** The input, {@code length} samples of each segment from the padding on. */
    final TurnedInput turnedInput(int length) {
        return new TurnedInput(job.x(), job.inShape(), spec.groups(), spec.padding(), length, job.inputSlope());
    }

    /** The gradient, {@code length} columns of each segment, its channels in {@code groups}. */
    final TurnedInput turnedGradient(int groups, int length) {
        return new TurnedInput(job.gradient(), job.gradientShape(), groups, 0, length, job.gradientSlope());
    }
}
