// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.model;

import aulos.engine.NdArray;
import aulos.engine.Shape;
import java.util.Locale;
import java.util.Optional;

/**
 * Whether numbers can be what a generator was trained on: natural logarithms of mels, from ln 1e-5 = −11.5 (silence) to
 * about 3 (a tone at full scale), of samples within ±1. Other programs make decibels, logarithms to base 10, or scale
 * everything to ±4 or 0…1; a generator makes noise of all of them. What is refused here no recording gives; what is let
 * through may still be wrong.
 */
public final class Plausibility {
    /** Below any logarithm of this kind, even with a floor of 1e-7. */
    private static final double FAR_BELOW = -16.5;
    /** A tone at full scale reaches about 3, with a window of 16,384 samples 5. */
    private static final double FAR_ABOVE = 6;
    /** How many of the values must lie out there: an acoustic model may make a few of anything. */
    private static final double OUTSIDE = 0.01;
    /**
     * The lowest logarithm to base 10, log 1e-5, with some room. In a second of anything but loud noise something is
     * quieter than e^−5.
     */
    private static final double NARROW = -5.05;
    private static final int LONG_ENOUGH = 64;
    /**
     * How much frames differ in their mean over the bands, as a standard deviation: of noise by less than 0.1, of speech
     * by more than 1, which are 0.5 as logarithms to base 10.
     */
    private static final double STEADY = 0.3;
    /** White noise at full scale, the loudest that all bands can be at once, has values down to −2. */
    private static final double ALL_LOUD = -1.05;
    /** So many values that are exactly the least are a floor; that of silence is ln 1e-5. */
    private static final double FLOOR_SHARE = 0.03;
    private static final double HIGH_FLOOR = -10.6;
    private static final int FLOOR_FRAMES = 8;
    /** Silence, and with some room a tone at full scale, as logarithms to base 10. */
    private static final double BASE_10_FLOOR = -5;
    private static final double BASE_10_MOST = 2.5;
    private static final String BASE_10 = "logarithms to base 10, of which 0.4343 are 1 here";
    /** Four times full scale, 12 dB: more than clipping or resampling ever adds. */
    private static final float LOUD = 4;

    private Plausibility() {}

    /** Whether a mel of this shape is [frames, mels], with or without a batch of 1. */
    public static boolean isTransposed(Shape shape, int mels) {
        int rank = shape.rank();
        return (rank == 2 || rank == 3 && shape.dim(0) == 1) && shape.dim(-1) == mels && shape.dim(-2) != mels;
    }

    /**
     * A line for people if these cannot be natural-log mels.
     *
     * @param mel [mels, frames] or [1, mels, frames], finite
     */
    public static Optional<String> ofMel(NdArray mel) {
        int count = mel.shape().size();
        int frames = mel.shape().dim(-1);
        double least = Double.POSITIVE_INFINITY;
        double greatest = Double.NEGATIVE_INFINITY;
        int atLeast = 0;
        int below = 0;
        int above = 0;
        for (int i = 0; i < count; i++) {
            double value = mel.get(i);
            if (value < least) {
                least = value;
                atLeast = 0;
            }
            atLeast += value == least ? 1 : 0;
            greatest = Math.max(greatest, value);
            below += value < FAR_BELOW ? 1 : 0;
            above += value > FAR_ABOVE ? 1 : 0;
        }
        boolean floor = atLeast > FLOOR_SHARE * count && frames >= FLOOR_FRAMES;
        String guess;
        if (below > OUTSIDE * count) {
            guess = "decibels, perhaps, of which 8.686 are 1 here, or the logarithm of power, twice as much";
        } else if (above > OUTSIDE * count) {
            guess = least < 0 ? "of samples beyond full scale, perhaps" : "no logarithms, and of samples beyond full scale";
        } else if (least > ALL_LOUD || least > NARROW && frames >= LONG_ENOUGH && changes(mel) > STEADY
                || floor && least > HIGH_FLOOR) {
            guess = narrow(least, greatest, floor);
        } else {
            return Optional.empty();
        }
        return Optional.of(String.format(Locale.ROOT, "mels from %.2f to %.2f can hardly be natural logarithms, which go "
                + "from -11.51 (silence, ln 1e-5) to about 3: %s", least, greatest, guess));
    }

    /** What is within some ±5. A floor tells, as programs have few; without one, only what a kind cannot be. */
    private static String narrow(double least, double greatest, boolean floor) {
        if (least >= 0) {
            return greatest > 1 ? "no logarithms, perhaps, or normalised" : "normalised to between 0 and 1, perhaps, or no logarithms";
        }
        if (floor && Math.abs(least - BASE_10_FLOOR) < 0.01) {
            return BASE_10 + ", perhaps";
        }
        boolean base10 = !floor && least > NARROW && greatest < BASE_10_MOST;
        return base10 ? BASE_10 + ", perhaps, or normalised" : floor
                ? "normalised, perhaps, or logarithms with another base or floor" : "normalised, perhaps";
    }

    /** The standard deviation over the frames of their means over the bands. */
    private static double changes(NdArray mel) {
        int frames = mel.shape().dim(-1);
        int bands = mel.shape().dim(-2);
        double sum = 0;
        double squares = 0;
        for (int frame = 0; frame < frames; frame++) {
            double mean = 0;
            for (int band = 0; band < bands; band++) {
                mean += mel.get(band * frames + frame) / bands;
            }
            sum += mean;
            squares += mean * mean;
        }
        return Math.sqrt(Math.max(0, squares / frames - sum / frames * sum / frames));
    }

    /** A line for people if samples are far beyond ±1, which only a file of floating-point numbers can hold. */
    public static Optional<String> ofAudio(float[] samples) {
        float peak = 0;
        for (float sample : samples) {
            peak = Math.max(peak, Math.abs(sample));
        }
        return !(peak > LOUD) ? Optional.empty() : Optional.of(String.format(Locale.ROOT,
                "samples reach %.5g, expected at most 1 at full scale: integers that were not divided, perhaps", peak));
    }
}
