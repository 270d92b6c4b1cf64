// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

/**
 * Pointwise work that a convolution does in passing, sparing a trip through memory for each:
 *
 * <pre>y = tanh?( scale · ( conv(leakyRelu(x, inputSlope), w) + bias + residual₁ + … ) )</pre>
 *
 * @param inputSlope negative slope of the leaky ReLU on the input; 1 means none
 * @param bias whether a bias, one value per output channel, is added
 * @param residuals how many tensors of the output's shape are added
 * @param scale factor on the sum
 * @param tanh whether tanh ends it
 */
public record Fusion(double inputSlope, boolean bias, int residuals, double scale, boolean tanh) {
    public static final Fusion NONE = new Fusion(1, false, 0, 1, false);

    public Fusion withInputSlope(double slope) {
        return new Fusion(slope, bias, residuals, scale, tanh);
    }

    public Fusion withBias(boolean hasBias) {
        return new Fusion(inputSlope, hasBias, residuals, scale, tanh);
    }

    public Fusion withResiduals(int count) {
        return new Fusion(inputSlope, bias, count, scale, tanh);
    }

    public Fusion withScale(double factor) {
        return new Fusion(inputSlope, bias, residuals, factor, tanh);
    }

    public Fusion withTanh(boolean ends) {
        return new Fusion(inputSlope, bias, residuals, scale, ends);
    }

    /** Operands beside x and w: the bias, then the residuals. */
    public int extraOperands() {
        return (bias ? 1 : 0) + residuals;
    }

    /** As in {@code lrelu.1 bias res1}: what is on. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        if (inputSlope != 1) {
            text.append(" lrelu").append(inputSlope);
        }
        if (bias) {
            text.append(" bias");
        }
        if (residuals > 0) {
            text.append(" res").append(residuals);
        }
        if (scale != 1) {
            text.append(" scale").append((float) scale);
        }
        if (tanh) {
            text.append(" tanh");
        }
        return text.toString().strip();
    }
}
