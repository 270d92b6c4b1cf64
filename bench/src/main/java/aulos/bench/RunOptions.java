// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options that comparisons of speed share. */
final class RunOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(names = "--models", split = ",", paramLabel = "MODEL",
            description = "generators to time (default: ${DEFAULT-VALUE})")
    private List<Model> models;

    @Option(names = "--threads", defaultValue = "2", paramLabel = "N",
            description = "threads of each contender (default: ${DEFAULT-VALUE})")
    private int threads;

    @Option(names = "--rounds", paramLabel = "N",
            description = "timed runs of each contender (default: ${DEFAULT-VALUE})")
    private int rounds;

    @Option(names = "--warmup", paramLabel = "N",
            description = "runs before the timed ones, a compared one not counted (default: ${DEFAULT-VALUE})")
    private int warmups;

    @Option(names = "--json", paramLabel = "FILE", description = "also write all figures here")
    private Path json;

    @SuppressWarnings("UnusedVariable") // picocli looks at it
    @Option(names = {"-h", "--help"}, usageHelp = true, description = "show this help")
    private boolean help;

    /** With the defaults of one command. */
    RunOptions(List<Model> models, int rounds, int warmups) {
        this.models = models;
        this.rounds = rounds;
        this.warmups = warmups;
    }

    /** To be called before anything is measured. */
    void check() throws IOException {
        Bench.atLeast(spec, "--threads", threads, 1);
        Bench.atLeast(spec, "--rounds", rounds, 1);
        Bench.atLeast(spec, "--warmup", warmups, 0);
        Report.requireWritable(json);
    }

    List<Model> models() {
        return models;
    }

    int threads() {
        return threads;
    }

    int rounds() {
        return rounds;
    }

    int warmups() {
        return warmups;
    }

    /** Null if nothing is to be written. */
    Path json() {
        return json;
    }

    PrintWriter out() {
        return spec.commandLine().getOut();
    }

    PrintWriter err() {
        return spec.commandLine().getErr();
    }
}
