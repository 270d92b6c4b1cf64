// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import aulos.hifigan.train.TrainingOptions.Intervals;
import picocli.CommandLine.Option;

/** The options of {@code train} that say how often it does what. */
final class TrainIntervals {
    @Option(
            names = {"--stdout-interval", "--stdout_interval"},
            paramLabel = "N",
            description = "Steps between lines on the console; default: ${DEFAULT-VALUE}.")
    private long console = Intervals.USUAL.console();

    @Option(
            names = {"--checkpoint-interval", "--checkpoint_interval"},
            paramLabel = "N",
            description = "Steps between checkpoints; default: ${DEFAULT-VALUE}.")
    private long checkpoint = Intervals.USUAL.checkpoint();

    @Option(
            names = {"--summary-interval", "--summary_interval"},
            paramLabel = "N",
            description = "Steps between losses in the logs; default: ${DEFAULT-VALUE}.")
    private long summary = Intervals.USUAL.summary();

    @Option(
            names = {"--validation-interval", "--validation_interval"},
            paramLabel = "N",
            description = "Steps between validations; default: ${DEFAULT-VALUE}.")
    private long validation = Intervals.USUAL.validation();

    Intervals intervals() {
        return new Intervals(console, checkpoint, summary, validation);
    }
}
