// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import aulos.kernels.cpu.FmaPeak;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Measures kernels with JMH, on the shapes on which models run them. */
@Command(
        name = "kernels",
        sortOptions = false,
        description = {
            "Measures kernels with JMH, on the shapes on which vocoding and training run them, next to what the machine "
                    + "can compute and copy at best, measured in the same run.",
            "GFLOP/s count what a direct method computes: Winograd's do less, so they may pass the limit."
        })
final class Kernels implements Callable<Integer> {
    /** Of a pattern. */
    static final String EXAMPLE = "Conv.*,11\\]";

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "PATTERN", arity = "0..*",
            description = "only calls in whose name each of these regular expressions is found, as in '" + EXAMPLE
                    + "', convolutions of 11 taps (default: all)")
    private List<Pattern> patterns = List.of();

    @Option(names = "--workload", defaultValue = "synthesis", paramLabel = "W",
            description = "whose calls: synthesis (256 frames) or training (a step on 2 segments; MPD and MSD included) "
                    + "(default: ${DEFAULT-VALUE})")
    private Workload workload;

    @Option(names = "--models", split = ",", defaultValue = "V1,V2,V3", paramLabel = "MODEL",
            description = "generators (default: ${DEFAULT-VALUE})")
    private List<Model> models;

    @Option(names = "--devices", split = ",", defaultValue = "cpu", paramLabel = "D",
            description = "backends, as --device of the other commands names them (default: ${DEFAULT-VALUE})")
    private List<String> devices;

    @Option(names = "--threads", defaultValue = "2", paramLabel = "N",
            description = "threads of the cpu backend and of the probes (default: ${DEFAULT-VALUE})")
    private int threads;

    @Option(names = "--iterations", defaultValue = "5", paramLabel = "N",
            description = "measured iterations of each call, after 3 to warm up (default: ${DEFAULT-VALUE})")
    private int iterations;

    @Option(names = "--millis", defaultValue = "200", paramLabel = "N",
            description = "length of an iteration (default: ${DEFAULT-VALUE})")
    private int millis;

    @Option(names = "--forks", defaultValue = "1", paramLabel = "N",
            description = "JVMs for each call, one after the other; 0: all in this one (default: ${DEFAULT-VALUE})")
    private int forks;

    @Option(names = "--list", description = "only list the calls")
    private boolean list;

    @Option(names = "--json", paramLabel = "FILE", description = "also write all figures here")
    private Path json;

    @SuppressWarnings("UnusedVariable") // picocli looks at it
    @Option(names = {"-h", "--help"}, usageHelp = true, description = "show this help")
    private boolean help;

    /** The machine's limits. */
    private record Peak(double gigaflops, double gigabytes) {}

    @Override
    public Integer call() throws IOException, RunnerException, InterruptedException {
        Bench.atLeast(spec, "--threads", threads, 1);
        Bench.atLeast(spec, "--iterations", iterations, 1);
        Bench.atLeast(spec, "--millis", millis, 1);
        Bench.atLeast(spec, "--forks", forks, 0);
        Report.requireWritable(json);
        PrintWriter out = spec.commandLine().getOut();
        Map<KernelCall, Model> calls = calls();
        if (calls.isEmpty()) {
            throw new IllegalStateException("no call has " + patterns + " in its name; --list shows all");
        }
        if (list) {
            calls.forEach((call, model) -> out.println(model + " " + call));
            return 0;
        }
        double load = Report.warnIfLoaded(spec.commandLine().getErr());
        Peak peak = new Peak(FmaPeak.gigaflops(threads), CopyPeak.gigabytesPerSecond(threads));
        out.printf(Locale.ROOT, "%d threads: %.0f GFLOP/s by multiply-adds, %.1f GB/s by copying%n%n", threads,
                peak.gigaflops, peak.gigabytes);
        out.printf("%-9s  %10s  %8s  %7s  %6s  %5s  %s%n", "device", "time", "spread", "GFLOP/s", "GB/s", "limit",
                "call");
        JsonArray results = new JsonArray();
        for (Map.Entry<KernelCall, Model> call : calls.entrySet()) {
            for (String device : devices) {
                JsonObject result = measure(device, call.getKey(), call.getValue(), peak);
                results.add(result);
                out.print(row(result));
                out.flush();
            }
        }
        JsonObject report = new JsonObject();
        report.addProperty("workload", workload.name().toLowerCase(Locale.ROOT));
        report.addProperty("threads", threads);
        report.addProperty("load_average", load);
        report.addProperty("java", Runtime.version().toString());
        report.addProperty("peak_gflops", peak.gigaflops);
        report.addProperty("peak_gbps", peak.gigabytes);
        report.add("results", results);
        Report.write(json, report);
        return 0;
    }

    /** The calls that are asked for, each with the first model that makes it. */
    private Map<KernelCall, Model> calls() {
        Map<KernelCall, Model> calls = new LinkedHashMap<>();
        for (Model model : models) {
            for (KernelCall call : workload.calls(model).keySet()) {
                if (patterns.stream().allMatch(pattern -> pattern.matcher(call.toString()).find())) {
                    calls.putIfAbsent(call, model);
                }
            }
        }
        return calls;
    }

    private JsonObject measure(String device, KernelCall call, Model model, Peak peak) throws RunnerException {
        TimeValue length = TimeValue.milliseconds(millis);
        String property = "aulos.cpu.threads";
        String before = System.getProperty(property);
        System.setProperty(property, Integer.toString(threads));
        Collection<RunResult> results;
        try {
            results = new Runner(new OptionsBuilder().include(Pattern.quote(KernelBenchmark.class.getName()))
                    .param("device", device).param("workload", workload.name()).param("model", model.name())
                    .param("call", call.toString()).forks(forks).warmupIterations(3).warmupTime(length)
                    .measurementIterations(iterations).measurementTime(length).shouldFailOnError(true)
                    .jvmArgsAppend("-D" + property + "=" + threads).verbosity(VerboseMode.SILENT).build()).run();
        } finally {
            if (before == null) {
                System.clearProperty(property);
            } else {
                System.setProperty(property, before);
            }
        }
        double[] nanos = results.iterator().next().getBenchmarkResults().stream()
                .flatMap(fork -> fork.getIterationResults().stream())
                .mapToDouble(iteration -> iteration.getPrimaryResult().getScore()).toArray();
        return result(device, call, model, nanos, peak);
    }

    private static JsonObject result(String device, KernelCall call, Model model, double[] nanos, Peak peak) {
        double median = Contest.quantile(nanos, 0.5);
        // What the machine's limits leave as the least time.
        double least = Math.max(call.flop() / peak.gigaflops, call.bytes() / peak.gigabytes);
        JsonObject result = new JsonObject();
        result.addProperty("device", device);
        result.addProperty("model", model.name());
        result.addProperty("kind", call.kind());
        result.addProperty("call", call.toString());
        result.addProperty("median_seconds", median * 1e-9);
        result.addProperty("spread", (Contest.quantile(nanos, 0.75) - Contest.quantile(nanos, 0.25)) / median);
        result.addProperty("flop", call.flop());
        result.addProperty("bytes", call.bytes());
        result.addProperty("gflops", call.flop() / median);
        result.addProperty("gbps", call.bytes() / median);
        result.addProperty("share_of_limit", least / median);
        JsonArray all = new JsonArray();
        Arrays.stream(nanos).forEach(value -> all.add(value * 1e-9));
        result.add("all_seconds", all);
        return result;
    }

    private static String row(JsonObject result) {
        return String.format(Locale.ROOT, "%-9s  %7.3f ms  %6.1f %%  %7.1f  %6.1f  %3.0f %%  %s%n",
                result.get("device").getAsString(), 1e3 * result.get("median_seconds").getAsDouble(),
                100 * result.get("spread").getAsDouble(), result.get("gflops").getAsDouble(),
                result.get("gbps").getAsDouble(), 100 * result.get("share_of_limit").getAsDouble(),
                result.get("call").getAsString());
    }
}
