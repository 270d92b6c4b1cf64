// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import aulos.engine.Backend;
import aulos.engine.Backend.Operand;
import aulos.engine.ConvSpec;
import aulos.engine.Fusion;
import aulos.engine.Kernel;
import aulos.engine.NdArray;
import aulos.engine.Shape;
import aulos.engine.op.HostOp;
import aulos.engine.op.OpCases;
import aulos.kernels.Samples;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Convolutions to try tiles on. */
final class ConvCases {
    private ConvCases() {}

    /** A slope or a scale that makes numbers of five bits longer. */
    static boolean hasFractions(ConvLayer layer) {
        return switch (layer.kernel()) {
            case Kernel.Conv conv -> hasFractions(conv.fusion());
            case Kernel.ConvInputGradient gradient -> hasFractions(gradient.fusion());
            case Kernel.ConvWeightGradient gradient -> gradient.inputSlope() != 1;
            default -> throw new AssertionError(layer);
        };
    }

    private static boolean hasFractions(Fusion fusion) {
        return fusion.inputSlope() != 1 || fusion.scale() != 1 || fusion.tanh();
    }

    static float[] fiveBits(long seed, int size) {
        float[] values = Samples.random(seed, size);
        for (int i = 0; i < size; i++) {
            values[i] = Math.round(values[i] * 16) / 16f;
        }
        return values;
    }

    /** All op cases, and larger ones. */
    static List<ConvLayer> layers() {
        List<ConvLayer> layers = new ArrayList<>();
        for (OpCases.Case row : OpCases.all()) {
            if (row.op() instanceof HostOp) {
                continue; // has no kernel
            }
            Shape out = row.op().shape(row.shapes());
            row.op().kernel(row.shapes(), out).filter(ConvLayer::isConvolution)
                    .ifPresent(kernel -> layers.add(new ConvLayer(kernel, out, row.shapes())));
        }
        // Beyond one tile in every direction, and a stride at which a vector's ends in two segments are as far apart as
        // in one: batch, Cin, Cout, length, kernel; stride, padding, dilation, groups.
        for (int[] g : new int[][] {{4, 2, 5, 29, 3, 3, 1, 1, 1}, {3, 70, 130, 37, 5, 3, 2, 1, 1},
            {2, 130, 70, 161, 11, 1, 25, 5, 1}, {1, 48, 64, 301, 41, 2, 20, 1, 4}, {2, 20, 33, 33, 4, 2, 2, 3, 1}}) {
            ConvSpec spec = new ConvSpec(g[5], g[6], g[7], g[8]);
            Shape x = Shape.of(g[0], g[1], g[3]);
            Shape w = Shape.of(g[2], g[1] / g[8], g[4]);
            Shape y = Shape.of(g[0], g[2], spec.outputLength(g[3], g[4]));
            Fusion fusion = new Fusion(0.1, true, 3, 0.5, false);
            layers.add(new ConvLayer(new Kernel.Conv(spec, fusion), y, List.of(x, w, Shape.of(g[2]), y, y, y)));
            layers.add(new ConvLayer(new Kernel.ConvInputGradient(spec, fusion), x,
                    List.of(y, w, Shape.of(g[1]), x, x, x)));
            layers.add(new ConvLayer(new Kernel.ConvWeightGradient(spec, 0.1, 0.2), w, List.of(x, y)));
            layers.add(new ConvLayer(new Kernel.Conv(spec, Fusion.NONE), y, List.of(x, w)));
            layers.add(new ConvLayer(new Kernel.ConvInputGradient(spec, Fusion.NONE), x, List.of(y, w)));
            layers.add(new ConvLayer(new Kernel.ConvWeightGradient(spec, 1, 1), w, List.of(x, y)));
        }
        // Whole vectors through tanh, of sums small enough for it not to hide anything.
        Shape y = Shape.of(2, 5, 48);
        layers.add(new ConvLayer(new Kernel.Conv(ConvSpec.same(3, 1), new Fusion(0.1, true, 2, 0.5, true)), y,
                List.of(Shape.of(2, 3, 48), Shape.of(5, 3, 3), Shape.of(5), y, y)));
        return layers;
    }

    /**
     * One layer for each way through the kernels with a shared tile: loads in vectors, phases of a transposed one in groups,
     * a stride, and short segments behind one another; none a multiple of anything, all with a few channels.
     */
    static List<ConvLayer> ways() {
        Shape y = Shape.of(1, 18, 44);
        Shape z = Shape.of(1, 18, 45);
        ConvSpec up = new ConvSpec(2, 2, 1, 2);
        ConvSpec third = new ConvSpec(3, 2, 1, 1);
        Shape thirds = Shape.of(5, 9, third.outputLength(31, 5));
        return List.of(
                new ConvLayer(new Kernel.Conv(ConvSpec.same(3, 1), new Fusion(1, true, 1, 1, false)), y,
                        List.of(Shape.of(1, 21, 44), Shape.of(18, 21, 3), Shape.of(18), y)),
                new ConvLayer(new Kernel.ConvInputGradient(up, Fusion.NONE), z,
                        List.of(Shape.of(1, 10, up.outputLength(45, 5)), Shape.of(10, 9, 5))),
                new ConvLayer(new Kernel.Conv(third, Fusion.NONE), thirds, List.of(Shape.of(5, 7, 31), Shape.of(9, 7, 5))));
    }

    /** A gradient in the weight, none of whose sizes is a multiple of anything. */
    static ConvLayer weight() {
        return new ConvLayer(new Kernel.ConvWeightGradient(new ConvSpec(2, 2, 1, 1), 1, 1), Shape.of(7, 5, 3),
                List.of(Shape.of(2, 5, 45), Shape.of(2, 7, 24)));
    }

    /** Values for a seed and a size. */
    interface Values {
        float[] of(long seed, int size);
    }

    /** On an output that holds NaN before, so that an element left out shows. */
    static NdArray run(Backend device, ConvLayer layer) {
        return run(device, layer, Samples::random);
    }

    static NdArray run(Backend device, ConvLayer layer, Values values) {
        float[] nan = new float[layer.out().size()];
        Arrays.fill(nan, Float.NaN);
        Operand out = operand(device, NdArray.of(layer.out(), nan));
        List<Operand> in = new ArrayList<>();
        for (Shape shape : layer.in()) {
            in.add(operand(device, NdArray.of(shape, values.of(in.size() + 1, shape.size()))));
        }
        device.run(layer.kernel(), out, in.toArray(Operand[]::new));
        NdArray result = device.download(out.buffer(), layer.out());
        device.free(out.buffer());
        in.forEach(operand -> device.free(operand.buffer()));
        return result;
    }

    private static Operand operand(Backend device, NdArray values) {
        Operand operand = new Operand(values.shape(), device.allocate(values.shape().size()));
        device.upload(operand.buffer(), values);
        return operand;
    }
}
