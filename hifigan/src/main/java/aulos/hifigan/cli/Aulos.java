// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import java.io.PrintStream;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/**
 * The program. Exit codes: 0, 1 after an error, 2 after wrong usage; an error is one line on standard error that begins
 * with {@code aulos:}.
 */
@Command(
        name = "aulos",
        description = "HiFi-GAN in pure Java: speech from mel spectrograms.",
        footer = {"", "In the source tree, './aulos bench' compares speed and sound with those of other programs."},
        mixinStandardHelpOptions = true,
        versionProvider = Aulos.Version.class,
        subcommands = {
            DemoCommand.class, ServeCommand.class, VocodeCommand.class, MelCommand.class, TrainCommand.class,
            EvalCommand.class, InfoCommand.class, DevicesCommand.class, ExportCommand.class})
public final class Aulos implements Runnable {
    private final PrintWriter out;
    private final PrintWriter err;

    @Option(
            names = "--stacktrace",
            scope = ScopeType.INHERIT,
            description = "After an error, also print where in the program it happened.")
    private boolean stacktrace;

    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Aulos.class.getPackage().getImplementationVersion();
            return new String[] {"aulos " + (version == null ? "(not packaged)" : version)};
        }
    }

    Aulos(PrintWriter out, PrintWriter err) {
        this.out = out;
        this.err = err;
    }

    public static void main(String[] args) {
        // Pictures go to files; a DISPLAY that cannot be reached would be an error all the same.
        System.setProperty("java.awt.headless", "true");
        System.exit(run(writer(System.out), writer(System.err), args));
    }

    private static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(stream, true, stream.charset());
    }

    /** Runs one command line and returns its exit code. */
    static int run(PrintWriter out, PrintWriter err, String... args) {
        Aulos aulos = new Aulos(out, err);
        CommandLine line = new CommandLine(aulos).setOut(out).setErr(err).setCaseInsensitiveEnumValuesAllowed(true);
        line.setParameterExceptionHandler((e, given) -> aulos.wrongUsage(e.getCommandLine(), e));
        line.setExecutionExceptionHandler((e, command, parsed) -> {
            if (e instanceof WrongUsage) {
                return aulos.wrongUsage(command, e);
            }
            aulos.report(Errors.message(e), e);
            return ExitCode.SOFTWARE;
        });
        try {
            return line.execute(args);
        } catch (OutOfMemoryError | StackOverflowError e) {
            aulos.report(Errors.message(e), e);
            return ExitCode.SOFTWARE;
        }
    }

    /** Only reached without a subcommand. */
    @Override
    public void run() {
        throw new WrongUsage("no command given");
    }

    /** For results. */
    PrintWriter out() {
        return out;
    }

    /** Prints a line for people, on standard error. */
    void say(String line) {
        err.println("aulos: " + line);
    }

    void report(String message, Throwable error) {
        say(message);
        if (stacktrace) {
            error.printStackTrace(err);
        }
    }

    private int wrongUsage(CommandLine command, Exception e) {
        report(Errors.message(e) + " (see '" + command.getCommandSpec().qualifiedName() + " --help')", e);
        return ExitCode.USAGE;
    }
}
