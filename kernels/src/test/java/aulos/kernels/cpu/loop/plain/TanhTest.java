// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop.plain;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TanhTest {
    private static final int INFINITY = Float.floatToIntBits(Float.POSITIVE_INFINITY);

    @Test
    void isWithinTwoTenMillionthsForEveryFloat() {
        double worst = 0;
        for (int bits = 0; bits >= 0 && bits <= INFINITY; bits += 1009) {
            float x = Float.intBitsToFloat(bits);
            float y = Tanh.of(x);
            worst = Math.max(worst, Math.abs(y - Math.tanh(x)));
            assertThat(y <= 1 && Tanh.of(-x) == -y).as("tanh of %s and of its negative", x).isTrue();
        }
        assertThat(worst).isLessThan(2e-7);
    }

    @Test
    void keepsItsRelativePrecisionNearZero() {
        for (float x : new float[] {1e-1f, 1e-3f, 1e-10f, 1e-30f}) {
            assertThat((double) Tanh.of(x)).isBetween(Math.tanh(x) * (1 - 3.5e-7), Math.tanh(x) * (1 + 3.5e-7));
        }
        assertThat(Tanh.of(Float.MIN_VALUE)).isLessThanOrEqualTo(Float.MIN_VALUE);
        assertThat(Float.floatToIntBits(Tanh.of(-0f))).isEqualTo(Float.floatToIntBits(-0f));
    }

    @Test
    void saturatesAndKeepsNaN() {
        assertThat(Tanh.of(9.1f)).isEqualTo(1f);
        assertThat(Tanh.of(Float.NEGATIVE_INFINITY)).isEqualTo(-1f);
        assertThat(Tanh.of(Float.MAX_VALUE)).isEqualTo(1f);
        assertThat(Tanh.of(Float.NaN)).isNaN();
    }
}
