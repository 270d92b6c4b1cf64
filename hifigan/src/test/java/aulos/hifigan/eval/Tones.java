// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.eval;

import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;

/** Sounds whose pitch is known. */
final class Tones {
    private Tones() {}

    /** Harmonics {@code first} to {@code last} of equal strength, below Nyquist, of a frequency that depends on time. */
    static float[] harmonics(int rate, double seconds, DoubleUnaryOperator hz, int first, int last) {
        float[] samples = new float[(int) (rate * seconds)];
        double phase = 0;
        for (int i = 0; i < samples.length; i++) {
            double frequency = hz.applyAsDouble((double) i / rate);
            for (int k = first; k <= last && k * frequency < rate / 2.0; k++) {
                samples[i] += (float) (0.5 / (last - first + 1) * Math.cos(k * phase));
            }
            phase += 2 * Math.PI * frequency / rate;
        }
        return samples;
    }

    static float[] noise(int count, double amplitude, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] samples = new float[count];
        for (int i = 0; i < count; i++) {
            samples[i] = (float) (amplitude * random.nextDouble(-1, 1));
        }
        return samples;
    }

    static float[] scaled(float[] samples, double gain) {
        float[] scaled = new float[samples.length];
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] = (float) (gain * samples[i]);
        }
        return scaled;
    }

    static float[] sum(float[] a, float[] b) {
        float[] sum = new float[a.length];
        for (int i = 0; i < sum.length; i++) {
            sum[i] = a[i] + b[i];
        }
        return sum;
    }
}
