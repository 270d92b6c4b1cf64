// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Times contenders on the same input in turns, one run each to a round, so that whatever else the machine does meets
 * all of them alike. The first contender is what the others are measured by.
 */
final class Contest {
    /** Far above the rounding of float32 (about 1e-6 here), far below what a wrong network would differ by. */
    private static final double MAX_DIFFERENCE = 1e-3;

    private static final int REST_MILLIS = 200;

    /** One run of a contender, timed. */
    @FunctionalInterface
    interface Turn {
        double seconds() throws IOException;
    }

    /**
     * @param seconds of each round
     * @param speedup median over the rounds of the first contender's time ÷ this one's
     * @param maxDifference greatest difference of a result to the first contender's
     */
    record Entry(String contender, double[] seconds, double speedup, double maxDifference) {
        double median() {
            return quantile(seconds, 0.5);
        }

        /** Distance of the quartiles ÷ median: how far the rounds differ. */
        double spread() {
            return (quantile(seconds, 0.75) - quantile(seconds, 0.25)) / median();
        }
    }

    private Contest() {}

    /**
     * @throws IllegalStateException if a contender's audio is not the first's; then nothing is timed
     */
    static List<Entry> run(Map<String, Synthesis> contenders, float[] mel, int warmups, int rounds)
            throws IOException {
        Map<String, Double> differences = compare(contenders, mel);
        Map<String, Turn> turns = new LinkedHashMap<>();
        contenders.forEach((name, synthesis) -> turns.put(name, () -> {
            long start = System.nanoTime();
            synthesis.audio(mel);
            return (System.nanoTime() - start) / 1e9;
        }));
        return time(turns, differences, warmups, rounds);
    }

    /** Times contenders whose results have been compared: {@code differences} has the greatest difference of each. */
    static List<Entry> time(Map<String, Turn> turns, Map<String, Double> differences, int warmups, int rounds)
            throws IOException {
        List<String> names = List.copyOf(turns.keySet());
        double[][] seconds = new double[names.size()][rounds];
        for (int round = -warmups; round < rounds; round++) {
            for (int turn = 0; turn < names.size(); turn++) {
                // Each is first in its turn: the first finds colder caches.
                int contender = Math.floorMod(turn + round, names.size());
                rest();
                double elapsed = turns.get(names.get(contender)).seconds();
                if (round >= 0) {
                    seconds[contender][round] = elapsed;
                }
            }
        }
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            double[] speedups = new double[rounds];
            for (int round = 0; round < rounds; round++) {
                speedups[round] = seconds[0][round] / seconds[i][round];
            }
            String name = names.get(i);
            entries.add(new Entry(name, seconds[i], quantile(speedups, 0.5), differences.get(name)));
        }
        return entries;
    }

    /** Lets the last contender's threads, which spin for a while when they have nothing to do, go to sleep. */
    private static void rest() {
        try {
            Thread.sleep(REST_MILLIS);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    private static Map<String, Double> compare(Map<String, Synthesis> contenders, float[] mel) {
        Map<String, Double> differences = new LinkedHashMap<>();
        float[] expected = null;
        for (Map.Entry<String, Synthesis> contender : contenders.entrySet()) {
            float[] audio = contender.getValue().audio(mel);
            expected = expected == null ? audio : expected;
            double difference = maxDifference(audio, expected);
            // Negated, so that NaN is caught too.
            if (!(difference <= MAX_DIFFERENCE)) {
                throw new IllegalStateException(contender.getKey() + ": its audio differs from that of "
                        + contenders.keySet().iterator().next() + " by " + difference + ", expected at most "
                        + MAX_DIFFERENCE);
            }
            differences.put(contender.getKey(), difference);
        }
        return differences;
    }

    /** Infinite for other lengths. */
    static double maxDifference(float[] audio, float[] expected) {
        if (audio.length != expected.length) {
            return Double.POSITIVE_INFINITY;
        }
        double max = 0;
        for (int i = 0; i < audio.length; i++) {
            max = Math.max(max, Math.abs((double) audio[i] - expected[i]));
        }
        return max;
    }

    /** Between neighbouring values, linearly. */
    static double quantile(double[] values, double fraction) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        double position = fraction * (sorted.length - 1);
        int below = (int) position;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }
}
