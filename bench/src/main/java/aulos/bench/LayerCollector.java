// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import aulos.engine.Backend;
import aulos.engine.Kernel;
import aulos.engine.NdArray;
import aulos.engine.Shape;
import aulos.kernels.opencl.ConvLayer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.SequencedCollection;
import java.util.SequencedMap;

/**
 * Computes nothing, but takes down every convolution that it is asked for: what a model consists of. What was uploaded can be
 * downloaded; all else is zero.
 */
final class LayerCollector implements Backend {
    private static final class Nothing implements Buffer {
        private final int length;
        private NdArray uploaded;

        Nothing(int length) {
            this.length = length;
        }

        @Override
        public int length() {
            return length;
        }
    }

    private final SequencedMap<String, ConvLayer> layers = new LinkedHashMap<>();
    private double flop;

    /** One of each kind, in the order in which they came. */
    SequencedCollection<ConvLayer> layers() {
        return layers.sequencedValues();
    }

    /** Multiplications and additions of all convolutions. */
    double flop() {
        return flop;
    }

    @Override
    public void run(Kernel kernel, Operand out, Operand... in) {
        if (ConvLayer.isConvolution(kernel)) {
            ConvLayer layer = new ConvLayer(kernel, out.shape(), Arrays.stream(in).map(Operand::shape).toList());
            layers.putIfAbsent(layer.key(), layer);
            flop += layer.flop();
        }
    }

    @Override
    public String name() {
        return "collector";
    }

    @Override
    public String description() {
        return "computes nothing";
    }

    @Override
    public boolean isDouble() {
        return false;
    }

    @Override
    public Buffer allocate(int length) {
        return new Nothing(length);
    }

    @Override
    public void free(Buffer buffer) {}

    @Override
    public void upload(Buffer buffer, NdArray source) {
        ((Nothing) buffer).uploaded = source;
    }

    @Override
    public NdArray download(Buffer buffer, Shape shape) {
        NdArray uploaded = ((Nothing) buffer).uploaded;
        return uploaded != null && uploaded.shape().size() == shape.size() ? uploaded.reshape(shape) : NdArray.of(shape, new float[shape.size()]);
    }

    @Override
    public void sync() {}

    @Override
    public void close() {}
}
