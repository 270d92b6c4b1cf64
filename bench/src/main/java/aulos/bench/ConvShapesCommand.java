// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import aulos.kernels.cpu.CpuBackend;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "convs",
        sortOptions = false,
        description = "Times every convolution of the generators, next to the limit of the machine.")
final class ConvShapesCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--models", split = ",", defaultValue = "V1,V2,V3", paramLabel = "MODEL",
            description = "generators to time (default: ${DEFAULT-VALUE})")
    private List<Model> models;

    @Option(names = "--frames", defaultValue = "256", paramLabel = "N",
            description = "mel frames to synthesize (default: ${DEFAULT-VALUE})")
    private int frames;

    @Option(names = "--threads", defaultValue = "2", paramLabel = "N",
            description = "threads of the backend (default: ${DEFAULT-VALUE})")
    private int threads;

    @Option(names = "--rounds", defaultValue = "10", paramLabel = "N",
            description = "runs of each convolution, of which the best counts (default: ${DEFAULT-VALUE})")
    private int rounds;

    @SuppressWarnings("UnusedVariable") // picocli looks at it
    @Option(names = {"-h", "--help"}, usageHelp = true, description = "show this help")
    private boolean help;

    @Override
    public Integer call() {
        Bench.atLeast(spec, "--frames", frames, 1);
        Bench.atLeast(spec, "--threads", threads, 1);
        Bench.atLeast(spec, "--rounds", rounds, 1);
        PrintWriter out = spec.commandLine().getOut();
        try (CpuBackend backend = new CpuBackend(threads)) {
            out.println(backend.description());
            for (Model model : models) {
                new ConvShapes(backend, frames, rounds, out).report(model.name(), model.config(), threads);
            }
        }
        return ExitCode.OK;
    }
}
