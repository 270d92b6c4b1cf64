// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

/**
 * The functions of {@link Kernel.Pointwise}. {@link #of} is what each of them means; the backends have loops of their own
 * and are compared with it.
 */
public enum PointwiseFunction {
    AFFINE(1),
    ABS(1),
    SIGN(1),
    SQRT(1),
    EXP(1),
    LOG(1),
    TANH(1),
    SIGMOID(1),
    SIN(1),
    COS(1),
    POW(1),
    LEAKY_RELU(1),
    CLAMP_MIN(1),
    ADD(2),
    SUB(2),
    MUL(2),
    DIV(2),
    POWER(2),
    GREATER(2),
    EQUAL(2),
    SELECT(2),
    LEAKY_RELU_GRADIENT(2),
    CLAMP_MIN_GRADIENT(2);

    private final int arity;

    PointwiseFunction(int arity) {
        this.arity = arity;
    }

    /** How many operands it reads: x, or x and z. */
    public int arity() {
        return arity;
    }

    /**
     * The value for the operands {@code x} and {@code z} and the kernel's parameters {@code a} and {@code b}; what a function
     * does not name it does not read.
     */
    public double of(double x, double z, double a, double b) {
        return switch (this) {
            case AFFINE -> a * x + b;
            case ABS -> Math.abs(x);
            case SIGN -> Math.signum(x);
            case SQRT -> Math.sqrt(x);
            case EXP -> Math.exp(x);
            case LOG -> Math.log(x);
            case TANH -> Math.tanh(x);
            case SIGMOID -> 1 / (1 + Math.exp(-x));
            case SIN -> Math.sin(x);
            case COS -> Math.cos(x);
            case POW -> Math.pow(x, a);
            case LEAKY_RELU -> x > 0 ? x : a * x;
            case CLAMP_MIN -> Math.max(x, a);
            case ADD -> x + z;
            case SUB -> x - z;
            case MUL -> x * z;
            case DIV -> x / z;
            case POWER -> Math.pow(x, z);
            case GREATER -> x > z ? 1 : 0;
            case EQUAL -> x == z ? 1 : 0;
            case SELECT -> x != 0 ? z : 0;
            case LEAKY_RELU_GRADIENT -> x > 0 ? z : a * z;
            case CLAMP_MIN_GRADIENT -> x >= a ? z : x < a ? 0 : x;
        };
    }
}
