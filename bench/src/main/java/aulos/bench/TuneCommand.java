// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import aulos.engine.NdArray;
import aulos.engine.Precision;
import aulos.engine.Shape;
import aulos.hifigan.model.HifiGanConfig;
import aulos.hifigan.vocode.Vocoder;
import aulos.kernels.opencl.ConvLayer;
import aulos.kernels.opencl.ConvTuner;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures which tile computes each convolution of HiFi-GAN fastest on an OpenCL device, for that device to use. */
@Command(
        name = "tune",
        sortOptions = false,
        description = {
            "Finds the fastest tile for every convolution of the generators, and of a training step with both "
                    + "discriminators, on an OpenCL device.",
            "Tiles that give wrong results are rejected. What is found is kept in the user's cache folder, and used by "
                    + "that device from then on."
        })
final class TuneCommand implements Callable<Integer> {
    private static final Pattern DEVICE = Pattern.compile("opencl(?::(\\d{1,3}))?");

    @Spec
    private CommandSpec spec;

    @Option(names = "--device", defaultValue = "opencl:0", paramLabel = "D",
            description = "opencl or opencl:N (default: ${DEFAULT-VALUE})")
    private String device;

    @Option(names = "--models", split = ",", defaultValue = "V1,V2,V3", paramLabel = "MODEL",
            description = "generators to tune for (default: ${DEFAULT-VALUE})")
    private List<Model> models;

    @Option(names = "--frames", defaultValue = "256", paramLabel = "N",
            description = "mel frames of a synthesis (default: ${DEFAULT-VALUE})")
    private int frames;

    @Option(names = "--batch", defaultValue = "16", paramLabel = "N",
            description = "segments in a training step; 0: synthesis alone (default: ${DEFAULT-VALUE})")
    private int batch;

    @Option(names = "--width-divisor", defaultValue = "1", paramLabel = "N",
            description = "of the discriminators' channels: 2, 4 or 8 for a quick try (default: ${DEFAULT-VALUE})")
    private int widthDivisor;

    @Option(names = "--precisions", split = ",", defaultValue = "float32", paramLabel = "P",
            description = "to tune for: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
    private List<Precision> precisions;

    @Option(names = "--seconds", defaultValue = "0", paramLabel = "N",
            description = "when to stop, the costliest layers are first; 0: never (default: ${DEFAULT-VALUE})")
    private int seconds;

    @Option(names = "--dry-run", description = "measure and print, but keep nothing")
    private boolean dryRun;

    @Option(names = "--json", paramLabel = "FILE", description = "also write all figures here")
    private Path json;

    @SuppressWarnings("UnusedVariable") // picocli looks at it
    @Option(names = {"-h", "--help"}, usageHelp = true, description = "show this help")
    private boolean help;

    @Override
    public Integer call() throws IOException {
        Bench.atLeast(spec, "--frames", frames, 1);
        Bench.atLeast(spec, "--batch", batch, 0);
        Bench.atLeast(spec, "--seconds", seconds, 0);
        int index = index(spec, device);
        Report.requireWritable(json);
        double load = Report.warnIfLoaded(spec.commandLine().getErr());
        PrintWriter out = spec.commandLine().getOut();
        JsonArray results;
        JsonObject report = new JsonObject();
        try (ConvTuner tuner = new ConvTuner(index)) {
            out.println(tuner.description());
            report.addProperty("device", tuner.description());
            results = new TuneRun(tuner, out, seconds).tune(layers(models, frames, batch, widthDivisor), precisions);
            if (!dryRun) {
                out.println("kept in " + tuner.store());
            }
        }
        report.addProperty("load_average", load);
        report.add("results", results);
        Report.write(json, report);
        return ExitCode.OK;
    }

    /** @throws ParameterException if the device is not an OpenCL device's */
    static int index(CommandSpec spec, String device) {
        Matcher matcher = DEVICE.matcher(device);
        if (!matcher.matches()) {
            throw new ParameterException(spec.commandLine(),
                    "--device is " + device + ", expected opencl or opencl:N");
        }
        return matcher.group(1) == null ? 0 : Integer.parseInt(matcher.group(1));
    }

    /** One of each kind of convolution that synthesis and training consist of. */
    static List<ConvLayer> layers(List<Model> models, int frames, int batch, int widthDivisor) {
        LayerCollector collector = new LayerCollector();
        for (Model model : models) {
            synthesize(model.config(), frames, collector);
        }
        if (batch > 0) {
            for (Model model : models) {
                train(TrainStart.random(model.config(), widthDivisor, batch), collector);
            }
        }
        return new ArrayList<>(collector.layers());
    }

    private static void synthesize(HifiGanConfig config, int frames, LayerCollector collector) {
        Map<String, NdArray> weights = new LinkedHashMap<>(RandomWeights.of(config));
        try (Vocoder vocoder = new Vocoder(config, weights, collector)) {
            vocoder.vocode(NdArray.of(Shape.of(config.mel().mels(), frames), RandomWeights.mel(config, frames)),
                    (samples, offset, length) -> {});
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** A training step on a backend that computes nothing. */
    static void train(TrainStart start, LayerCollector collector) {
        try (TrainSteps steps = new TrainSteps(start, collector)) {
            steps.step();
        }
    }
}
