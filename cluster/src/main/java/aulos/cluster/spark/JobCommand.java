// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.spark;

import aulos.cluster.spark.store.Store;
import aulos.hifigan.model.HifiGanConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A Spark application: an error is one line on standard error, exit code 1; 2 after wrong usage. */
abstract class JobCommand implements Callable<Integer> {
    @Mixin
    JobOptions options;

    @Spec
    CommandSpec spec;

    /** Stays open; null: a context of its own is started, and ended. */
    JavaSparkContext shared;

    /** What to do, without the cores of a driver that computes itself. */
    abstract Settings settings(Store store) throws IOException;

    abstract List<Clip> inputs(Store store, Settings settings) throws IOException;

    /** Prints more than how much was done. */
    void report(Manifest manifest) {}

    /** In the context that it shares with others, or in one of its own. */
    @Override
    public final Integer call() throws IOException {
        if (shared != null) {
            return run(shared, 0);
        }
        long start = System.nanoTime();
        SparkConf conf = new SparkConf();
        conf.setAppName("aulos " + spec.name());
        ExecutorFlags.set(conf);
        try (JavaSparkContext context = new JavaSparkContext(conf)) {
            return run(context, (System.nanoTime() - start) * 1e-9);
        }
    }

    private int run(JavaSparkContext context, double started) throws IOException {
        long start = System.nanoTime();
        Store store = new Store(context.hadoopConfiguration());
        Settings settings = settings(store);
        if (context.isLocal()) {
            settings = settings.withLocalCores(context.defaultParallelism());
        }
        try {
            Job.Outcome outcome = new Job(context, store, settings).run(inputs(store, settings), options.task);
            return finish(outcome, started, (System.nanoTime() - start) * 1e-9);
        } finally {
            Studio.closeAll();
        }
    }

    private int finish(Job.Outcome outcome, double started, double seconds) {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        Manifest manifest = outcome.manifest();
        long inputs = manifest.inputs();
        long broken = manifest.broken();
        manifest.reasons().forEach(reason -> err.println("aulos: " + reason));
        out.printf(Locale.ROOT, "%d inputs, %d of them done before, %d broken: %.2f s of audio in %.2f s by %d tasks,"
                + " %.2f s of it computing on a device; Spark started in %.2f s%n", inputs, outcome.before(), broken,
                outcome.sum().audioSeconds(), seconds, outcome.tasks(), outcome.sum().computeSeconds(), started);
        report(manifest);
        if (100.0 * broken > options.maxBroken * inputs) {
            err.printf(Locale.ROOT, "aulos: %d of %d inputs are broken, more than --max-broken %s %%: see column error of"
                    + " %s/manifest.parquet%n", broken, inputs, options.maxBroken, options.out);
            return ExitCode.SOFTWARE;
        }
        return ExitCode.OK;
    }

    static HifiGanConfig config(Store store, String file) throws IOException {
        return file == null ? HifiGanConfig.V1
                : HifiGanConfig.parse(new String(store.read(store.qualify(file)), StandardCharsets.UTF_8),
                        file);
    }

    /** Runs a command line and returns its exit code. */
    static int run(JobCommand command, PrintWriter out, PrintWriter err, String... args) {
        CommandLine line = new CommandLine(command).setOut(out).setErr(err).setCaseInsensitiveEnumValuesAllowed(true);
        line.setParameterExceptionHandler((e, _) -> usage(err, command, e.getMessage()));
        line.setExecutionExceptionHandler((e, _, _) -> {
            if (e instanceof JobOptions.WrongUsage) {
                return usage(err, command, e.getMessage());
            }
            err.println("aulos: " + Failures.line(e));
            return ExitCode.SOFTWARE;
        });
        return line.execute(args);
    }

    private static int usage(PrintWriter err, JobCommand command, String message) {
        err.println("aulos: " + message + " (see 'aulos spark " + command.spec.name() + " --help')");
        return ExitCode.USAGE;
    }

    /** As a program. Success must not end the JVM: Spark on YARN still has something to say. */
    static void main(JobCommand command, String... args) {
        int exitCode = run(command, new PrintWriter(System.out, true), new PrintWriter(System.err, true), args);
        if (exitCode != ExitCode.OK) {
            System.exit(exitCode);
        }
    }
}
