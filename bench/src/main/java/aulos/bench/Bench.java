// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** {@code aulos bench}: all comparisons. An error is one line on standard error that begins with {@code aulos:}. */
@Command(
        name = "aulos bench",
        sortOptions = false,
        synopsisSubcommandLabel = "NAME",
        commandListHeading = "%nComparisons:%n",
        description = "Compares speed and sound with those of other programs; looks for faults.",
        subcommands = {
            Peers.class, TrainPeers.class, GpuPeers.class, Startup.class, Kernels.class, RooflineCommand.class,
            ConvShapesCommand.class, TuneCommand.class, LoadingCommand.class, GriffinLimVocode.class, FuzzCommand.class})
public final class Bench {
    @SuppressWarnings("UnusedVariable") // picocli looks at it
    @Option(names = {"-h", "--help"}, usageHelp = true, description = "show this help")
    private boolean help;

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        CommandLine commandLine = new CommandLine(new Bench());
        commandLine.setCaseInsensitiveEnumValuesAllowed(true);
        commandLine.setParameterExceptionHandler((e, args) -> {
            CommandLine command = e.getCommandLine();
            command.getErr().println("aulos: " + e.getMessage() + "; see "
                    + command.getCommandSpec().qualifiedName() + " --help");
            return ExitCode.USAGE;
        });
        commandLine.setExecutionExceptionHandler((e, command, parsed) -> {
            command.getErr().println("aulos: " + (e.getMessage() == null ? e : e.getMessage()));
            return ExitCode.SOFTWARE;
        });
        return commandLine;
    }

    /** @throws ParameterException if an option's value is below {@code min} */
    static void atLeast(CommandSpec spec, String option, int value, int min) {
        if (value < min) {
            throw new ParameterException(spec.commandLine(), option + " is " + value + ", expected at least " + min);
        }
    }
}
