// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop.plain;

/**
 * Hyperbolic tangent through the half angle: with tanh(x/2) ≈ p/q, p = x·P(x²), q = Q(x²), it is 2pq / (q² + p²). The
 * closer p/q comes to 1, the less its error matters. P and Q are a minimax fit whose error in tanh is 1.9e-8 before
 * rounding; their coefficients are positive, so nothing cancels. The absolute error is below 2e-7 for every float, the
 * value never exceeds ±1, and NaN stays NaN. Scalar and vector give the same bits.
 */
public final class Tanh {
    /** From here on tanh rounds to ±1. */
    public static final float LIMIT = 9.02f;
    public static final float P0 = 0.5f;
    public static final float P1 = 0.014818833f;
    public static final float P2 = 5.568875e-5f;
    public static final float Q1 = 0.112970896f;
    public static final float Q2 = 0.0011923722f;
    public static final float Q3 = 1.1706849e-6f;

    private Tanh() {}

    public static float of(float x) {
        float z = x * x;
        float p = Math.fma(Math.fma(P2, z, P1), z, P0) * x;
        float q = Math.fma(Math.fma(Math.fma(Q3, z, Q2), z, Q1), z, 1);
        float y = (p + p) * q / Math.fma(q, q, p * p);
        return x >= LIMIT ? 1 : x <= -LIMIT ? -1 : y;
    }
}
