// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

/**
 * Geometry of a one-dimensional convolution.
 *
 * @param stride step between neighbouring outputs, in input samples
 * @param padding zeros added on both sides of the input
 * @param dilation step between neighbouring taps, in input samples
 * @param groups the channels are split into this many groups that do not see each other
 */
public record ConvSpec(int stride, int padding, int dilation, int groups) {
    public static final ConvSpec DEFAULT = new ConvSpec(1, 0, 1, 1);

    public ConvSpec {
        if (stride < 1 || padding < 0 || dilation < 1 || groups < 1) {
            throw new IllegalArgumentException("convolution with stride " + stride + ", padding " + padding
                    + ", dilation " + dilation + ", groups " + groups
                    + ": expected stride, dilation and groups of at least 1 and padding of at least 0");
        }
    }

    /** Stride 1 and padding d(k−1)/2: the output is as long as the input (for an odd kernel). */
    public static ConvSpec same(int kernelSize, int dilation) {
        return new ConvSpec(1, dilation * (kernelSize - 1) / 2, dilation, 1);
    }

    public ConvSpec withGroups(int groups) {
        return new ConvSpec(stride, padding, dilation, groups);
    }

    /** Output length for an input of {@code length}: ⌊(length + 2·padding − dilation·(k−1) − 1) / stride⌋ + 1. */
    public int outputLength(int length, int kernelSize) {
        long span = (long) dilation * (kernelSize - 1) + 1;
        long padded = length + 2L * padding;
        if (padded < span) {
            throw new IllegalArgumentException("conv1d: input of length " + length + " with padding " + padding
                    + " is shorter than the kernel's span of " + span);
        }
        return Math.toIntExact((padded - span) / stride + 1);
    }

    /** Output length of the transposed convolution: (length − 1)·stride − 2·padding + dilation·(k−1) + 1. */
    public int transposedLength(int length, int kernelSize) {
        long result = (length - 1L) * stride - 2L * padding + (long) dilation * (kernelSize - 1) + 1;
        if (result < 1) {
            throw new IllegalArgumentException("conv_transpose1d: input of length " + length + " with stride " + stride
                    + ", padding " + padding + " and kernel " + kernelSize + " gives length " + result);
        }
        return Math.toIntExact(result);
    }

    /** As in {@code s2 p20 g4}: what differs from {@link #DEFAULT}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        append(text, 's', stride, 1);
        append(text, 'p', padding, 0);
        append(text, 'd', dilation, 1);
        append(text, 'g', groups, 1);
        return text.toString();
    }

    private static void append(StringBuilder text, char key, int value, int usual) {
        if (value != usual) {
            text.append(text.isEmpty() ? "" : " ").append(key).append(value);
        }
    }
}
