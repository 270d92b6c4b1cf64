// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv.bilinear;

import aulos.engine.ConvSpec;
import aulos.engine.Shape;
import aulos.kernels.cpu.conv.job.ConvJob;
import aulos.kernels.cpu.conv.job.ConvJob.Epilogue;
import aulos.kernels.cpu.run.WorkerPool;
import aulos.kernels.cpu.run.Workspace.Scratch;

/** A convolution with long filters in groups, or a transposed one, and what belongs to it. */
abstract class LongFilterConvolution {
    final WorkerPool pool;
    final Scratch scratch;
    final ConvSpec spec;
    final boolean transposed;
    final Shape in;
    final float[] x;
    final float slope;
    final float[] weight;
    /** Null: none. */
    final float[] bias;
    final Epilogue epilogue;
    final Shape out;
    final float[] output;

    final int kernelSize;
    /** Channels of a group of the convolution's input, and of its output. */
    final int cin;
    final int cout;

    LongFilterConvolution(ConvJob job) {
        pool = job.space().pool();
        scratch = job.space().scratch();
        spec = job.spec();
        transposed = job.transposed();
        in = job.inShape();
        x = job.x();
        slope = job.inputSlope();
        weight = job.weight();
        bias = job.bias();
        epilogue = job.epilogue();
        out = job.out().shape();
        output = job.output();
        kernelSize = job.weightShape().dim(2);
        cin = job.weightShape().dim(1);
        cout = job.weightShape().dim(0) / spec.groups();
    }
}
