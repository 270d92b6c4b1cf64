// SPDX-License-Identifier: Apache-2.0
package aulos.engine.study;

import aulos.engine.Backend;
import aulos.engine.ConvSpec;
import aulos.engine.Kernel;
import aulos.engine.NdArray;
import aulos.engine.Precision;
import aulos.engine.Shape;

/**
 * A backend that leaves all work to another one, for those that watch it: they override what they want to see. What is to be
 * computed {@link #together} is not, so that each kernel can be looked at by itself.
 */
public abstract class ForwardingBackend implements Backend {
    /** Does the work; closed with this. */
    protected final Backend inner;

    protected ForwardingBackend(Backend inner) {
        this.inner = inner;
    }

    @Override
    public String name() {
        return inner.name();
    }

    @Override
    public String description() {
        return inner.description();
    }

    @Override
    public boolean isDouble() {
        return inner.isDouble();
    }

    @Override
    public Buffer allocate(int length) {
        return inner.allocate(length);
    }

    @Override
    public void free(Buffer buffer) {
        inner.free(buffer);
    }

    @Override
    public void upload(Buffer buffer, NdArray source) {
        inner.upload(buffer, source);
    }

    @Override
    public NdArray download(Buffer buffer, Shape shape) {
        return inner.download(buffer, shape);
    }

    @Override
    public void run(Kernel kernel, Operand out, Operand... in) {
        inner.run(kernel, out, in);
    }

    @Override
    public void useConvolutionPrecision(Precision precision) {
        inner.useConvolutionPrecision(precision);
    }

    @Override
    public Reach reach(ConvSpec spec, Shape weight) {
        return inner.reach(spec, weight);
    }

    @Override
    public void sync() {
        inner.sync();
    }

    @Override
    public void trim() {
        inner.trim();
    }

    @Override
    public void close() {
        inner.close();
    }
}
