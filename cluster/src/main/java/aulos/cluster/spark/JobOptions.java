// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.spark;

import aulos.engine.Precision;
import aulos.hifigan.model.MelConfig;
import picocli.CommandLine.Option;

/** What all jobs have in common. */
final class JobOptions {
    /** Ranges begin where chunks of a mel spectrogram do, so that none is computed twice. */
    private static final int GRID = 512;

    /** A command line that cannot be meant. */
    static final class WrongUsage extends RuntimeException {
        private static final long serialVersionUID = 1;

        WrongUsage(String message) {
            super(message);
        }
    }

    enum Format { FILES, PARQUET }

    @Option(
            names = "--out",
            required = true,
            paramLabel = "DIR",
            description = "The folder for the results, on any Hadoop file system. Started again with the same, a job does "
                    + "what is missing.")
    String out;

    @Option(
            names = "--device",
            paramLabel = "D",
            defaultValue = "auto",
            description = "What computes: auto is the GPU that Spark gave the task, else the processor; or a name as in "
                    + "'aulos devices'. Default: ${DEFAULT-VALUE}.")
    private String device;

    @Option(
            names = "--precision",
            paramLabel = "P",
            defaultValue = "float32",
            description = "What the operands of convolutions are rounded to: ${COMPLETION-CANDIDATES}. Default: "
                    + "${DEFAULT-VALUE}.")
    private Precision precision;

    @Option(names = "--exact", description = "Sum every convolution as its formula says.")
    private boolean exact;

    @Option(
            names = "--max-broken",
            paramLabel = "PERCENT",
            defaultValue = "1",
            description = "If more inputs than this cannot be used, the job fails at its end. Default: ${DEFAULT-VALUE}.")
    double maxBroken;

    @Option(
            names = "--range",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "Longer clips are cut into ranges of this length, which tasks share. Default: "
                    + "${DEFAULT-VALUE}.")
    private double range;

    @Option(
            names = "--task",
            paramLabel = "SECONDS",
            defaultValue = "0",
            description = "Audio of a task. Default: 16 tasks for each core, of 30 to 900 s.")
    double task;

    Settings.Computing computing() {
        return new Settings.Computing(device, precision, exact);
    }

    /** In frames. */
    int rangeOf(MelConfig config) {
        if (!(range > 0) || range > 3600) {
            throw new WrongUsage("--range is " + range + ", expected up to 3600 seconds");
        }
        if (!(task >= 0)) {
            throw new WrongUsage("--task is " + task + ", expected seconds");
        }
        if (!(maxBroken >= 0) || maxBroken > 100) {
            throw new WrongUsage("--max-broken is " + maxBroken + ", expected 0 to 100 percent");
        }
        return Math.ceilDiv((int) Math.ceil(range * config.samplingRate() / config.hopSize()), GRID) * GRID;
    }
}
