// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import java.util.Arrays;
import java.util.List;

/**
 * What a {@link Backend} can run: all of the engine lowers to these few. Every operand is dense and row-major; sizes
 * come from the operands' shapes, which the ops of {@code aulos.engine.op} have checked. The output never overlaps an
 * input. Backends {@code switch} over this set without {@code default}, so a kernel that one of them lacks does not
 * compile.
 */
public sealed interface Kernel {

    /** y[i] = f(x₁[i], …) with NumPy broadcasting of every input to the output's shape; {@code a}, {@code b} are f's. */
    record Pointwise(PointwiseFunction function, double a, double b) implements Kernel {}

    /** y = the sum of x over every axis in which y has 1 and x has not; x and y have the same rank. */
    record Sum() implements Kernel {}

    /** y = the largest of x over every axis in which y has 1 and x has not; x and y have the same rank. NaN if any is NaN. */
    record Max() implements Kernel {}

    /**
     * Y = op(A)·op(B), op transposing the last two axes if the flag says so. Rank 2, or rank 3 with one product for each
     * index of the first axis.
     */
    record Matmul(boolean transposeA, boolean transposeB) implements Kernel {}

    /** y[i₀,i₁,…] = x[offset + Σ iₖ·strides[k]] for every index of y: permutes, slices, broadcasts (stride 0). */
    record StridedCopy(int offset, List<Integer> strides) implements Kernel {}

    /** y = 0, then y[offset + Σ iₖ·strides[k]] = x[i₀,i₁,…] for every index of x: the adjoint of copying a slice. */
    record StridedPlace(int offset, List<Integer> strides) implements Kernel {}

    /** y = all inputs one after the other along {@code axis}. */
    record Concat(int axis) implements Kernel {}

    /** y[.., j, ..] = x[.., indices[j], ..] along {@code axis}. */
    record Gather(int axis, List<Integer> indices) implements Kernel {}

    /** The adjoint of {@link Gather}: y = 0, then y[.., indices[j], ..] += x[.., j, ..], in the order of j. */
    record ScatterAdd(int axis, List<Integer> indices) implements Kernel {}

    /** Mirrors the last axis at both ends without repeating the edge: [a,b,c] padded by 1, 2 is [b,a,b,c,b,a]. */
    record ReflectPad(int left, int right) implements Kernel {}

    /** The adjoint of {@link ReflectPad}: folds the padding back by adding it to where it was read. */
    record ReflectPadAdjoint(int left, int right) implements Kernel {}

    /** [.., T] → [.., F, size]: y[f, i] = x[f·hop + i]. */
    record Frame(int size, int hop) implements Kernel {}

    /** The adjoint of {@link Frame}, [.., F, size] → [.., T]: y[t] = Σ over f of x[f, t − f·hop]. */
    record OverlapAdd(int size, int hop) implements Kernel {}

    /**
     * One-sided discrete Fourier transform of the last axis, [.., n] → [.., 2·(⌊n/2⌋+1)]: first all real parts
     * Σₜ w[t]·x[t]·cos(2πkt/n), then all imaginary parts −Σₜ w[t]·x[t]·sin(2πkt/n), with w = {@link RealDft#window}. The window is
     * no operand because in float32 its rounding alone would drown quiet frequencies; it is applied in float64.
     *
     * @param hann length of the Hann window, at most n; 0: none
     */
    record RealDft(int n, int hann) implements Kernel {
        /**
         * The periodic Hann window ½ − ½·cos(2πi/hann) with zeros on both sides up to n, as PyTorch's {@code stft} places
         * it; all ones if {@code hann} is 0.
         */
        public static double[] window(int n, int hann) {
            double[] window = new double[n];
            if (hann == 0) {
                Arrays.fill(window, 1);
            }
            for (int i = 0; i < hann; i++) {
                window[(n - hann) / 2 + i] = 0.5 - 0.5 * Math.cos(2 * Math.PI * i / hann);
            }
            return window;
        }
    }

    /**
     * The adjoint of {@link RealDft}, [.., 2·(⌊n/2⌋+1)] → [.., n]: y[t] = w[t]·Σₖ (re[k]·cos(2πkt/n) −
     * im[k]·sin(2πkt/n)). It is not the inverse transform, which counts the inner frequencies twice and divides by n.
     */
    record RealDftAdjoint(int n, int hann) implements Kernel {}

    /**
     * x [B, Cin, T], w [Cout, Cin/groups, K] → y [B, Cout, T′], and what {@link Fusion} adds; operands x, w, bias [Cout]
     * if any, residuals [B, Cout, T′]:
     *
     * <pre>y[b, o, t] = Σ over c, k of w[o, c, k] · x[b, g(o)·Cin/groups + c, t·stride + k·dilation − padding]</pre>
     */
    record Conv(ConvSpec spec, Fusion fusion) implements Kernel {}

    /**
     * Gradient of a convolution in its input, which is the transposed convolution: x [B, Cout, T′], w
     * [Cout, Cin/groups, K] → y [B, Cin, T], and what {@link Fusion} adds (bias [Cin], residuals [B, Cin, T]):
     *
     * <pre>y[b, g·Cin/groups + c, s] = Σ over o of group g, t, k with t·stride + k·dilation − padding = s
     *                                 of w[o, c, k] · x[b, o, t]</pre>
     */
    record ConvInputGradient(ConvSpec spec, Fusion fusion) implements Kernel {}

    /**
     * Gradient of a convolution in its weight: x [B, Cin, T], g [B, Cout, T′] → w [Cout, Cin/groups, K]; either operand
     * may pass through a leaky ReLU first (slope 1: it does not):
     *
     * <pre>w[o, c, k] = Σ over b, t of lrelu(g)[b, o, t] · lrelu(x)[b, g(o)·Cin/groups + c, t·stride + k·dilation − padding]</pre>
     */
    record ConvWeightGradient(ConvSpec spec, double inputSlope, double gradientSlope) implements Kernel {}

    /**
     * v [n, …], g [n, 1, …] → w [n, …], row by row over the first axis; a row of zeros has no direction and gives NaN:
     *
     * <pre>w[i, k] = g[i] · v[i, k]/‖v[i]‖</pre>
     */
    record WeightNorm() implements Kernel {}

    /**
     * v [n, …], g [n, 1, …], x [n, …] → y [n, …]: the gradient of {@link WeightNorm} in v, if x is the one in w:
     *
     * <pre>y[i, k] = g[i]/‖v[i]‖ · (x[i, k] − v[i, k] · (v[i]·x[i])/‖v[i]‖²)</pre>
     */
    record WeightNormGradient() implements Kernel {}

    /** v [n, …], x [n, …] → y [n, 1, …], how far each row of x goes in the direction of v's: y[i] = v[i]·x[i]/‖v[i]‖. */
    record RowProjection() implements Kernel {}

    /** a, b of one shape → y [], the mean of |a − b| over all n elements: y = Σ |a[i] − b[i]|/n. */
    record MeanAbsoluteError() implements Kernel {}

    /**
     * a, b of one shape, g [] → y of that shape, the gradient of {@link MeanAbsoluteError} in a:
     * y[i] = sign(a[i] − b[i])·g/n.
     */
    record MeanAbsoluteErrorGradient() implements Kernel {}

    /** A step of an optimiser, in place: the kernels that change what they are given, the output and all inputs but the first. */
    sealed interface InPlace extends Kernel {}

    /**
     * One step of stochastic gradient descent with momentum, as PyTorch's {@code SGD} without dampening, in place. The
     * output is the parameter p, the inputs are its gradient g and the velocity m:
     *
     * <pre>m ← momentum·m + g + decay·p,  p ← p − rate·m</pre>
     */
    record Sgd(double rate, double momentum, double decay) implements InPlace {}

    /**
     * One step of AdamW (Loshchilov and Hutter, arXiv 1711.05101; PyTorch's {@code AdamW}), in place. The output is the parameter p, the inputs are its gradient g and the moments m and v:
     *
     * <pre>p ← p·(1 − rate·decay),  m ← β₁m + (1 − β₁)g,  v ← β₂v + (1 − β₂)g²
     * p ← p − rate/(1 − β₁ᵗ) · m / (√(v/(1 − β₂ᵗ)) + ε)</pre>
     *
     * @param step t, from 1
     */
    record AdamW(double rate, double beta1, double beta2, double epsilon, double decay, int step) implements InPlace {}
}
