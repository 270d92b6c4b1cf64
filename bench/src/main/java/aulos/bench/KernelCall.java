// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import aulos.engine.Kernel;
import aulos.engine.Shape;
import java.util.List;
import java.util.stream.Collectors;

/** A kernel with the shapes that it runs on, as a model runs it. */
record KernelCall(Kernel kernel, Shape out, List<Shape> in) {
    /** AdamW's, by its formula: products, sums, quotients and the root of an element. */
    private static final int ADAMW_FLOP = 12;

    /** Of a real transform of length n, times n·log₂ n: half of a complex one's 5. */
    private static final double DFT_FLOP = 2.5;

    /** What it is called: as in {@code Conv}, and the same for all that differ in shapes and parameters only. */
    String kind() {
        return kernel.getClass().getSimpleName();
    }

    /** Arithmetic that a direct method needs, without what is fused into a convolution. */
    double flop() {
        return switch (kernel) {
            case Kernel.Conv _ -> 2.0 * out.size() * perWeight(in.get(1));
            case Kernel.ConvInputGradient _ -> 2.0 * in.get(0).size() * perWeight(in.get(1));
            case Kernel.ConvWeightGradient _ -> 2.0 * in.get(1).size() * perWeight(out);
            case Kernel.Matmul matmul -> 2.0 * out.size() * in.get(0).dim(matmul.transposeA() ? -2 : -1);
            case Kernel.RealDft dft -> dftFlop(dft.n(), in.get(0).size());
            case Kernel.RealDftAdjoint dft -> dftFlop(dft.n(), out.size());
            case Kernel.AdamW _ -> (double) ADAMW_FLOP * out.size();
            case Kernel.WeightNorm _ -> 3.0 * out.size();
            case Kernel.WeightNormGradient _ -> 7.0 * out.size();
            case Kernel.MeanAbsoluteError _ -> 3.0 * in.get(0).size();
            case Kernel.MeanAbsoluteErrorGradient _ -> 3.0 * out.size();
            case Kernel.RowProjection _ -> 4.0 * in.get(0).size();
            case Kernel.Sgd _ -> 5.0 * out.size();
            case Kernel.ScatterAdd _, Kernel.Max _ -> in.get(0).size();
            case Kernel.Pointwise _, Kernel.OverlapAdd _, Kernel.ReflectPadAdjoint _ -> out.size();
            case Kernel.Sum _ -> in.get(0).size();
            case Kernel.StridedCopy _, Kernel.StridedPlace _, Kernel.Concat _, Kernel.ReflectPad _,
                    Kernel.Frame _, Kernel.Gather _ -> 0;
        };
    }

    /** Multiply–adds of one output of a channel: a weight is [Cout, Cin/groups, K]. */
    private static double perWeight(Shape weight) {
        return (double) weight.dim(1) * weight.dim(2);
    }

    private static double dftFlop(int n, int samples) {
        return DFT_FLOP * samples * Math.log(n) / Math.log(2);
    }

    /** Memory that has to be read and written if each operand is once. */
    double bytes() {
        double elements = out.size();
        for (Shape shape : in) {
            elements += shape.size();
        }
        // It also reads its output, and writes its inputs but the gradient.
        return Float.BYTES * (kernel instanceof Kernel.InPlace ? elements + (double) in.size() * out.size() : elements);
    }

    @Override
    public String toString() {
        String shapes = in.stream().map(Shape::toString).collect(Collectors.joining(" "));
        return kernel + " " + shapes + " -> " + out;
    }
}
