// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

/** The functions of {@link Kernel.Pointwise}; {@code a} and {@code b} are the kernel's parameters. */
public enum PointwiseFunction {
    /** a·x + b */
    AFFINE(1),
    /** |x| */
    ABS(1),
    /** −1, 0 or 1 */
    SIGN(1),
    SQRT(1),
    EXP(1),
    /** natural logarithm */
    LOG(1),
    TANH(1),
    /** x if x &gt; 0, else a·x */
    LEAKY_RELU(1),
    /** the larger of x and a; NaN stays NaN */
    CLAMP_MIN(1),
    ADD(2),
    SUB(2),
    MUL(2),
    DIV(2),
    /** of (x, g): g if x &gt; 0, else a·g */
    LEAKY_RELU_GRADIENT(2),
    /** of (x, g): g if x ≥ a, else 0 */
    CLAMP_MIN_GRADIENT(2);

    private final int arity;

    PointwiseFunction(int arity) {
        this.arity = arity;
    }

    public int arity() {
        return arity;
    }
}
