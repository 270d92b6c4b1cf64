// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import aulos.hifigan.cli.guide.CompletionCommand;
import aulos.hifigan.cli.guide.ManCommand;
import aulos.hifigan.cli.lab.LabCommand;
import aulos.hifigan.train.ranks.Launch;
import aulos.hifigan.vocode.WarmUp;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
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
        footer = {"", "In the source tree, './aulos bench' compares speed and sound with those of other programs, and "
                + "'./aulos spark' runs vocode, mel and eval on Apache Spark."},
        mixinStandardHelpOptions = true,
        versionProvider = Aulos.Version.class)
public final class Aulos implements Runnable {
    /** In the order of the help. */
    private static final Map<String, Supplier<Object>> COMMANDS = new LinkedHashMap<>();

    static {
        COMMANDS.put("demo", DemoCommand::new);
        COMMANDS.put("serve", ServeCommand::new);
        COMMANDS.put("vocode", VocodeCommand::new);
        COMMANDS.put("mel", MelCommand::new);
        COMMANDS.put("train", TrainCommand::new);
        COMMANDS.put("eval", EvalCommand::new);
        COMMANDS.put("info", InfoCommand::new);
        COMMANDS.put("devices", DevicesCommand::new);
        COMMANDS.put("export", ExportCommand::new);
        COMMANDS.put("lab", LabCommand::new);
        COMMANDS.put("completion", CompletionCommand::new);
        COMMANDS.put("man", ManCommand::new);
        COMMANDS.put("rehearse", RehearseCommand::new);
    }

    /** Those that tell about all others. */
    private static final Set<String> GUIDES = Set.of("completion", "man");

    private final PrintWriter out;
    private final PrintWriter err;
    private boolean quiet;

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
        if (args.length > 0 && args[0].equals("vocode")) {
            WarmUp.begin();
        }
        // Pictures go to files; a DISPLAY that cannot be reached would be an error all the same.
        System.setProperty("java.awt.headless", "true");
        // No option is a date; for those picocli would load two hundred classes.
        System.setProperty("picocli.converters.excludes", "java\\.(sql|time)\\..*");
        System.exit(run(writer(System.out), writer(System.err), args));
    }

    private static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(stream, true, stream.charset());
    }

    /** Runs one command line and returns its exit code. */
    static int run(PrintWriter out, PrintWriter err, String... args) {
        Aulos aulos = new Aulos(out, err);
        if (args.length > 0 && args[0].equals("train") && isOneOfSeveralHere()) {
            aulos.beQuiet();
        }
        CommandLine line = commands(aulos, args);
        line.setOut(out).setErr(err).setCaseInsensitiveEnumValuesAllowed(true);
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

    /** Whether a launcher has started this process after another on this machine, which will find the same mistakes. */
    private static boolean isOneOfSeveralHere() {
        return Launch.of(System.getenv()).map(launch -> launch.localRank() > 0).orElse(false);
    }

    /** With the one command that is named first, if it is: to look into all takes longer than to read a checkpoint. */
    static CommandLine commands(Aulos aulos, String... args) {
        CommandLine line = new CommandLine(aulos);
        Supplier<Object> named = args.length == 0 || GUIDES.contains(args[0]) ? null : COMMANDS.get(args[0]);
        if (named != null) {
            return line.addSubcommand(named.get());
        }
        COMMANDS.values().forEach(command -> line.addSubcommand(command.get()));
        return line;
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
        if (!quiet) {
            err.println("aulos: " + line);
        }
    }

    /** Says nothing any more: another process that does the same will. */
    void beQuiet() {
        quiet = true;
    }

    void report(String message, Throwable error) {
        say(message);
        if (stacktrace && !quiet) {
            error.printStackTrace(err);
        }
    }

    private int wrongUsage(CommandLine command, Exception e) {
        report(Errors.message(e) + " (see '" + command.getCommandSpec().qualifiedName() + " --help')", e);
        return ExitCode.USAGE;
    }
}
