// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import aulos.hifigan.fuzz.FuzzRun;
import aulos.hifigan.fuzz.FuzzedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Looks for inputs that a reader of files cannot cope with, for as long as one likes. */
@Command(
        name = "fuzz",
        sortOptions = false,
        description = {
            "Feeds everything that reads files with damaged ones, guided by the code that they reach (Jazzer): a reader "
                    + "must give a value, or an error of one line.",
            "What was of interest is kept, and a later run goes on from there."
        })
final class FuzzCommand implements Callable<Integer> {
    private static final Pattern INPUTS = Pattern.compile("stat::number_of_executed_units: (\\d+)");
    private static final int SECONDS_PER_HOUR = 3600;

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "0..*", paramLabel = "READER", description = "${COMPLETION-CANDIDATES} (default: all but the last,"
            + " which is a fault planted on purpose)")
    private List<FuzzedReader> readers;

    @Option(names = "--hours", defaultValue = "1", paramLabel = "H",
            description = "for all of them together, each in turn; may be a fraction (default: ${DEFAULT-VALUE})")
    private double hours;

    @Option(names = "--out", defaultValue = "fuzz", paramLabel = "DIR",
            description = "for what was of interest, faults and logs (default: ${DEFAULT-VALUE})")
    private Path out;

    @SuppressWarnings("UnusedVariable") // picocli looks at it
    @Option(names = {"-h", "--help"}, usageHelp = true, description = "show this help")
    private boolean help;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (!(hours > 0)) {
            throw new ParameterException(spec.commandLine(), "--hours is " + hours + ", expected more than 0");
        }
        List<FuzzedReader> chosen = readers != null ? readers
                : List.copyOf(EnumSet.complementOf(EnumSet.of(FuzzedReader.PLANTED)));
        long seconds = Math.max(1, (long) (hours * SECONDS_PER_HOUR / chosen.size()));
        int faults = 0;
        for (FuzzedReader reader : chosen) {
            Path folder = out.resolve(reader.name().toLowerCase(Locale.ROOT));
            FuzzRun run = new FuzzRun(reader.name(), folder.resolve("corpus"), folder.resolve("findings"));
            run.prepare();
            Path log = folder.resolve("log.txt");
            int exitCode = new ProcessBuilder(run.command("-max_total_time=" + seconds)).directory(folder.toFile())
                    .redirectErrorStream(true).redirectOutput(log.toFile()).start().waitFor();
            Matcher inputs = INPUTS.matcher(Files.readString(log));
            spec.commandLine().getOut().printf(Locale.ROOT, "%-14s %,d inputs: %s%n", reader,
                    inputs.find() ? Long.parseLong(inputs.group(1)) : 0, exitCode == 0 ? "no fault"
                            : "a fault, see " + log + " and " + folder.resolve("findings"));
            spec.commandLine().getOut().flush();
            faults += exitCode == 0 ? 0 : 1;
        }
        return faults == 0 ? ExitCode.OK : ExitCode.SOFTWARE;
    }
}
