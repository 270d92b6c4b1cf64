// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import aulos.engine.ConvSpec;
import aulos.engine.Kernel;
import aulos.engine.Precision;
import aulos.engine.Shape;
import java.util.ArrayList;
import java.util.List;

/** A convolution, its transpose or its gradient in the weight, with the shapes of its operands: what can be tuned. */
public record ConvLayer(Kernel kernel, Shape out, List<Shape> in) {
    /** Outputs along time that are enough for a tile's inside and edge. */
    private static final int SHORT = 37;

    /** @throws IllegalArgumentException if the kernel is none of the three */
    public ConvLayer {
        if (!isConvolution(kernel)) {
            throw new IllegalArgumentException("tune: " + kernel + ", expected a convolution");
        }
    }

    /** Whether the kernel is one of the three convolutions. */
    public static boolean isConvolution(Kernel kernel) {
        return kernel instanceof Kernel.Conv || kernel instanceof Kernel.ConvInputGradient
                || kernel instanceof Kernel.ConvWeightGradient;
    }

    /** What tells layers apart for the tuner; one of each is enough. */
    public String key() {
        ConvProblem problem = problem(Precision.FLOAT32);
        return problem.layer() + " length " + problem.length();
    }

    /** Multiplications and additions, those with padding included. */
    public double flop() {
        return problem(Precision.FLOAT32).flop();
    }

    private boolean transposed() {
        return kernel instanceof Kernel.ConvInputGradient;
    }

    private boolean weight() {
        return kernel instanceof Kernel.ConvWeightGradient;
    }

    private ConvSpec spec() {
        return kernel instanceof Kernel.Conv conv ? conv.spec()
                : kernel instanceof Kernel.ConvInputGradient gradient ? gradient.spec()
                        : ((Kernel.ConvWeightGradient) kernel).spec();
    }

    private int kernelSize() {
        return weight() ? out.dim(2) : in.get(1).dim(2);
    }

    ConvProblem problem(Precision precision) {
        Shape x = in.getFirst();
        return weight() ? ConvProblem.weight(ConvGeometry.convolution(spec(), kernelSize(), x, in.get(1)), precision)
                : ConvProblem.taps(transposed() ? ConvGeometry.transposed(spec(), kernelSize(), x, out)
                        : ConvGeometry.convolution(spec(), kernelSize(), x, out), precision);
    }

    /** The same with a time axis that is short enough for plain loops in float64, and a batch of at most 2. */
    ConvLayer shortened() {
        Shape narrow = weight() ? in.get(1) : transposed() ? in.getFirst() : out;
        int outputs = Math.min(narrow.dim(2), SHORT);
        long span = (long) spec().dilation() * (kernelSize() - 1) + 1 - 2L * spec().padding();
        while ((outputs - 1L) * spec().stride() + span < 1) {
            outputs++;
        }
        int inputs = Math.toIntExact((outputs - 1L) * spec().stride() + span);
        if (weight()) {
            return new ConvLayer(kernel, out, List.of(at(in.getFirst(), inputs), at(in.get(1), outputs)));
        }
        Shape y = at(out, transposed() ? inputs : outputs);
        List<Shape> operands = new ArrayList<>(
                List.of(at(in.getFirst(), transposed() ? outputs : inputs), in.get(1)));
        // The bias, of one axis, stays as it is; residuals are as long as the output.
        in.stream().skip(2).map(shape -> shape.rank() == 1 ? shape : y).forEach(operands::add);
        return new ConvLayer(kernel, y, operands);
    }

    private static Shape at(Shape shape, int length) {
        return Shape.of(Math.min(shape.dim(0), 2), shape.dim(1), length);
    }
}
