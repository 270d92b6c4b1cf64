// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import java.nio.file.Path;

/**
 * What a run is told beside its configuration. All intervals are in steps.
 *
 * @param data where the clips are
 * @param out the folder of the run
 * @param initFrom a generator to start from if {@code out} holds no checkpoint, or null
 * @param maxSteps the run ends when so many steps have been made in all, those of earlier sessions included
 * @param epochs the run ends after so many epochs
 * @param keep how many checkpoints stay; older ones are deleted
 * @param discriminatorWidth divisor of all the discriminators' channel counts: 1 for the paper's, 2, 4 or 8
 * @param accumulate batches whose gradients are added up for one step; 1 for the paper's
 * @param adversarialFrom the first step in which the discriminators take part: before it the generator learns from the
 *     mel loss (and STFT loss) alone; 0 for the paper's
 * @param clipNorm longest gradient of an optimiser; infinite for none
 * @param stftWeight of the multi-resolution STFT loss, which the generator then minimises too; 0 for the paper's
 * @param averageDecay of the moving average of the generator's weights; 0 for none
 * @param loaderThreads that read clips
 */
public record TrainingOptions(Data data, Path out, Path initFrom, long maxSteps, long epochs, Intervals intervals,
        int keep, int discriminatorWidth, long adversarialFrom, int accumulate, double clipNorm, double stftWeight,
        double averageDecay, int loaderThreads) {

    /**
     * Where the clips are.
     *
     * @param wavs the folder of the audio
     * @param mels the folder of the mels to fine-tune on, or null to compute them from the audio
     */
    public record Data(Path trainList, Path validList, Path wavs, Path mels) {}

    /**
     * How often it does what, in steps.
     *
     * @param console between lines for people
     * @param checkpoint between checkpoints
     * @param summary between losses in the logs
     * @param validation between validations
     */
    public record Intervals(long console, long checkpoint, long summary, long validation) {
        /** The official code's. */
        public static final Intervals USUAL = new Intervals(5, 5000, 100, 1000);

        public Intervals {
            require("console interval", console >= 1, console, "at least 1");
            require("checkpoint interval", checkpoint >= 1, checkpoint, "at least 1");
            require("summary interval", summary >= 1, summary, "at least 1");
            require("validation interval", validation >= 1, validation, "at least 1");
        }
    }

    /** @throws IllegalArgumentException if a number is out of range; names it */
    public TrainingOptions {
        require("maximum of steps", maxSteps >= 1, maxSteps, "at least 1");
        require("number of epochs", epochs >= 1, epochs, "at least 1");
        require("number of checkpoints to keep", keep >= 1, keep, "at least 1");
        require("discriminator width divisor", discriminatorWidth >= 1 && discriminatorWidth <= 8
                && Integer.bitCount(discriminatorWidth) == 1, discriminatorWidth, "1, 2, 4 or 8");
        require("first step with discriminators", adversarialFrom >= 0, adversarialFrom, "at least 0");
        require("number of batches to accumulate", accumulate >= 1, accumulate, "at least 1");
        require("norm to clip gradients to", clipNorm > 0, clipNorm, "more than 0");
        require("weight of the STFT loss", stftWeight >= 0 && stftWeight < Double.POSITIVE_INFINITY, stftWeight,
                "at least 0");
        require("decay of the moving average", averageDecay >= 0 && averageDecay < 1, averageDecay, "0 to below 1");
        require("number of loader threads", loaderThreads >= 1, loaderThreads, "at least 1");
    }

    /** The paper's training, without end, with one loader thread. */
    public static TrainingOptions usual(Data data, Path out) {
        return new TrainingOptions(data, out, null, Long.MAX_VALUE, Long.MAX_VALUE, Intervals.USUAL, Integer.MAX_VALUE,
                1, 0, 1, Double.POSITIVE_INFINITY, 0, 0, 1);
    }

    private static void require(String what, boolean holds, Number given, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(what + " is " + given + ", expected " + expected);
        }
    }
}
