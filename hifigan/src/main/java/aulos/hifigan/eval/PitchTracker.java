// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.eval;

import aulos.hifigan.audio.HannWindow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * The fundamental frequency of speech, 60 to 500 Hz, every 10 ms. The candidates of a frame are the deepest local minima
 * of YIN's d′ ({@link Yin}), refined by a parabola, and "unvoiced"; the path through all frames that costs least is taken,
 * as in D. Talkin, "A robust algorithm for pitch tracking" (1995). A frame costs d′, plus a little for every octave that a
 * candidate lies lower, because d′ is as small at twice the period; a step costs what the pitch moves in octaves, or a
 * fixed amount where voicing begins or ends. Frames 50 dB and more below the loudest are unvoiced. Before all this the
 * sound is smoothed to 1 kHz (−6 dB): periods of sharp pulses are seldom whole numbers of samples, but d′ sees only those.
 */
final class PitchTracker {
    static final double MIN_HZ = 60;
    static final double MAX_HZ = 500;
    private static final int FRAMES_PER_SECOND = 100;
    private static final double WINDOW_SECONDS = 0.025;
    private static final double SILENCE_POWER = 1e-5;
    /** The longer the smoothing window, the lower the frequencies that pass. */
    private static final double SMOOTHING_SECONDS = 0.001;

    private static final int MAX_CANDIDATES = 8;
    private static final double UNVOICED_COST = 0.35;
    private static final double OCTAVE_DOWN_COST = 0.05;
    private static final double OCTAVE_JUMP_COST = 0.5;
    private static final double VOICING_CHANGE_COST = 0.1;

    /** What a frame may be; unvoiced if {@code hz} is 0. */
    private record Candidate(double hz, double cost) {}

    private static final Candidate UNVOICED = new Candidate(0, UNVOICED_COST);

    private final int rate;
    private final int hop;
    private final int minLag;
    private final Yin yin;
    private final double[] stretch;
    private final double[] dips;

    /** @throws IllegalArgumentException if the sampling rate, in Hz, is too low to tell frequencies apart */
    PitchTracker(int rate) {
        if (rate < 8 * MAX_HZ) {
            throw new IllegalArgumentException("pitch: sampling rate " + rate + " Hz, expected at least "
                    + (int) (8 * MAX_HZ));
        }
        this.rate = rate;
        this.hop = rate / FRAMES_PER_SECOND;
        this.minLag = (int) (rate / MAX_HZ);
        this.yin = new Yin((int) (WINDOW_SECONDS * rate), (int) Math.ceil(rate / MIN_HZ) + 1);
        this.stretch = new double[yin.span()];
        this.dips = new double[(int) Math.ceil(rate / MIN_HZ) + 2];
    }

    /** The frequency of each frame in Hz, 0 where there is no voice; frame i is centred on sample i·(rate/100). */
    double[] track(float[] samples) {
        float[] smooth = smoothed(samples);
        int frames = Math.ceilDiv(samples.length, hop);
        double[] power = new double[frames];
        List<List<Candidate>> candidates = new ArrayList<>(frames);
        for (int frame = 0; frame < frames; frame++) {
            power[frame] = cut(smooth, frame * hop);
            candidates.add(candidates());
        }
        double silence = SILENCE_POWER * Arrays.stream(power).max().orElse(0);
        for (int frame = 0; frame < frames; frame++) {
            if (power[frame] <= silence) {
                candidates.set(frame, List.of(UNVOICED));
            }
        }
        return cheapestPath(candidates);
    }

    /** Each sample's neighbourhood, weighted by a Hann window; there is silence beyond the ends. */
    private float[] smoothed(float[] samples) {
        int reach = (int) (SMOOTHING_SECONDS * rate / 2);
        double[] window = HannWindow.periodic(2 * reach);
        float[] smooth = new float[samples.length];
        for (int i = 0; i < samples.length; i++) {
            double sum = 0;
            for (int k = Math.max(-reach, -i); k < Math.min(reach, samples.length - i); k++) {
                sum += window[k + reach] * samples[i + k];
            }
            smooth[i] = (float) (sum / reach);
        }
        return smooth;
    }

    /** Takes the stretch around a sample, with zeros beyond the ends; returns its energy. */
    private double cut(float[] samples, int centre) {
        double energy = 0;
        int start = centre - stretch.length / 2;
        for (int i = 0; i < stretch.length; i++) {
            int at = start + i;
            stretch[i] = at >= 0 && at < samples.length ? samples[at] : 0;
            energy += stretch[i] * stretch[i];
        }
        return energy;
    }

    private List<Candidate> candidates() {
        yin.difference(stretch, dips);
        List<Candidate> found = new ArrayList<>();
        for (int lag = minLag; lag < dips.length - 1; lag++) {
            double before = dips[lag - 1];
            double here = dips[lag];
            double after = dips[lag + 1];
            if (here < UNVOICED_COST && here < before && here <= after) {
                double period = lag + 0.5 * (before - after) / (before - 2 * here + after);
                double hz = rate / period;
                found.add(new Candidate(hz, here + OCTAVE_DOWN_COST * octaves(MAX_HZ, hz)));
            }
        }
        found.sort(Comparator.comparingDouble(Candidate::cost));
        List<Candidate> best = new ArrayList<>(found.subList(0, Math.min(MAX_CANDIDATES, found.size())));
        best.add(UNVOICED);
        return best;
    }

    private static double[] cheapestPath(List<List<Candidate>> frames) {
        int[][] from = new int[frames.size()][];
        List<Candidate> previous = List.of();
        double[] costs = {};
        for (int frame = 0; frame < frames.size(); frame++) {
            List<Candidate> current = frames.get(frame);
            double[] next = new double[current.size()];
            from[frame] = new int[current.size()];
            for (int i = 0; i < next.length; i++) {
                double least = frame == 0 ? 0 : Double.POSITIVE_INFINITY;
                for (int j = 0; j < costs.length; j++) {
                    double cost = costs[j] + step(previous.get(j), current.get(i));
                    if (cost < least) {
                        least = cost;
                        from[frame][i] = j;
                    }
                }
                next[i] = least + current.get(i).cost();
            }
            previous = current;
            costs = next;
        }
        double[] path = new double[frames.size()];
        int at = leastOf(costs);
        for (int frame = frames.size() - 1; frame >= 0; frame--) {
            path[frame] = frames.get(frame).get(at).hz();
            at = from[frame][at];
        }
        return path;
    }

    private static double step(Candidate a, Candidate b) {
        if (a.hz() > 0 && b.hz() > 0) {
            return OCTAVE_JUMP_COST * Math.abs(octaves(a.hz(), b.hz()));
        }
        return a.hz() > 0 || b.hz() > 0 ? VOICING_CHANGE_COST : 0;
    }

    private static double octaves(double high, double low) {
        return Math.log(high / low) / Math.log(2);
    }

    private static int leastOf(double[] values) {
        int least = 0;
        for (int i = 1; i < values.length; i++) {
            if (values[i] < values[least]) {
                least = i;
            }
        }
        return least;
    }
}
