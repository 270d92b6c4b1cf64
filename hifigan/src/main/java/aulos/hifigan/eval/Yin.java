// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.eval;

import java.util.Arrays;
import org.jtransforms.fft.DoubleFFT_1D;

/**
 * How periodic a stretch of sound is at each lag τ: the cumulative mean normalised difference function of
 * A. de Cheveigné and H. Kawahara, "YIN, a fundamental frequency estimator" (2002), equations 6 and 8.
 *
 * <pre>d[τ]  = Σ_{j &lt; W} (x[j] − x[j+τ])²
 * d′[τ] = d[τ] · τ / Σ_{1 ≤ i ≤ τ} d[i],   d′[0] = 1</pre>
 *
 * d′ is near 0 where τ is a multiple of the period, and near 1 for noise.
 */
final class Yin {
    private final int window;
    private final int maxLag;
    private final double[] head;
    private final double[] whole;
    private final DoubleFFT_1D fft;

    /** W and the largest τ, in samples. */
    Yin(int window, int maxLag) {
        this.window = window;
        this.maxLag = maxLag;
        int size = Integer.highestOneBit(window + maxLag) << 1;
        this.head = new double[size];
        this.whole = new double[size];
        this.fft = new DoubleFFT_1D(size);
    }

    /** Samples that a stretch has. */
    int span() {
        return window + maxLag;
    }

    /** d′ for τ = 0 … maxLag of a stretch of {@link #span} samples; 1 throughout for silence. */
    void difference(double[] x, double[] normalised) {
        correlate(x);
        double energy = 0;
        for (int j = 0; j < window; j++) {
            energy += x[j] * x[j];
        }
        double shifted = energy;
        double sum = 0;
        normalised[0] = 1;
        for (int lag = 1; lag <= maxLag; lag++) {
            shifted += x[lag + window - 1] * x[lag + window - 1] - x[lag - 1] * x[lag - 1];
            // Rounding may leave a little less than nothing where x repeats exactly.
            double difference = Math.max(0, energy + shifted - 2 * whole[lag]);
            sum += difference;
            normalised[lag] = sum > 0 ? difference * lag / sum : 1;
        }
    }

    /** Leaves Σ_{j &lt; W} x[j]·x[j+τ] in {@code whole}[τ]; the transforms are long enough not to wrap around. */
    private void correlate(double[] x) {
        Arrays.fill(head, 0);
        Arrays.fill(whole, 0);
        System.arraycopy(x, 0, head, 0, window);
        System.arraycopy(x, 0, whole, 0, span());
        fft.realForward(head);
        fft.realForward(whole);
        whole[0] *= head[0];
        whole[1] *= head[1];
        for (int k = 2; k < whole.length; k += 2) {
            double re = head[k] * whole[k] + head[k + 1] * whole[k + 1];
            double im = head[k] * whole[k + 1] - head[k + 1] * whole[k];
            whole[k] = re;
            whole[k + 1] = im;
        }
        fft.realInverse(whole, true);
    }
}
