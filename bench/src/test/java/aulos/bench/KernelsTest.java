// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import static org.assertj.core.api.Assertions.assertThat;

import aulos.engine.ConvSpec;
import aulos.engine.Fusion;
import aulos.engine.Kernel;
import aulos.engine.Shape;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelsTest {
    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        return Bench.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true)).execute(args);
    }

    /** Every convolution of the layout, whose pieces overlap a little, and nothing else that computes: all is fused. */
    @Test
    void synthesisCallsWhatTheLayoutSays() {
        Map<KernelCall, Integer> calls = Workload.SYNTHESIS.calls(Model.V2);
        double flop = calls.entrySet().stream().mapToDouble(call -> call.getKey().flop() * call.getValue()).sum();
        double layout = 2.0 * Model.V2.config().macsPerFrame() * 256;
        assertThat(flop).isBetween(layout, 1.05 * layout);
        assertThat(calls.keySet().stream().map(KernelCall::kind).collect(Collectors.toSet()))
                .contains("Conv", "ConvInputGradient");
    }

    /** The discriminators, forward and backward, the spectrogram and the optimisers. */
    @Test
    void trainingCallsAllKindsOfKernels() {
        Map<KernelCall, Integer> calls = Workload.TRAINING.calls(Model.V2);
        assertThat(calls.keySet().stream().map(KernelCall::kind).collect(Collectors.toSet())).contains("Conv",
                "ConvInputGradient", "ConvWeightGradient", "Matmul", "RealDft", "RealDftAdjoint", "Frame", "OverlapAdd",
                "ReflectPad", "ReflectPadAdjoint", "Pointwise", "Sum", "WeightNorm", "WeightNormGradient", "RowProjection",
                "MeanAbsoluteError", "MeanAbsoluteErrorGradient", "AdamW");
    }

    @Test
    void theExampleOfTheHelpFindsCalls() {
        assertThat(Workload.SYNTHESIS.calls(Model.V1).keySet().stream().map(KernelCall::toString)
                .filter(Pattern.compile(Kernels.EXAMPLE).asPredicate())).hasSizeGreaterThan(3)
                .allMatch(call -> call.startsWith("Conv") && call.contains(",11]"));
    }

    @Test
    void countsArithmeticAndMemory() {
        Shape x = Shape.of(2, 8, 100);
        Shape w = Shape.of(16, 2, 5);
        Shape y = Shape.of(2, 16, 100);
        ConvSpec spec = new ConvSpec(1, 2, 1, 4);
        double flop = 2.0 * 2 * 16 * 100 * 2 * 5;
        assertThat(new KernelCall(new Kernel.Conv(spec, Fusion.NONE), y, List.of(x, w)).flop()).isEqualTo(flop);
        assertThat(new KernelCall(new Kernel.ConvInputGradient(spec, Fusion.NONE), x, List.of(y, w)).flop())
                .isEqualTo(flop);
        KernelCall gradient = new KernelCall(new Kernel.ConvWeightGradient(spec, 1, 1), w, List.of(x, y));
        assertThat(gradient.flop()).isEqualTo(flop);
        assertThat(gradient.bytes()).isEqualTo(4.0 * (1600 + 3200 + 160));
        assertThat(new KernelCall(new Kernel.Matmul(true, false), Shape.of(3, 5), List.of(Shape.of(7, 3), Shape.of(7, 5)))
                .flop()).isEqualTo(2.0 * 3 * 5 * 7);
        assertThat(new KernelCall(new Kernel.RowProjection(), Shape.of(16, 1, 1), List.of(w, w)).flop())
                .isEqualTo(2 * (2.0 * 16 * 2 * 5));
    }

    @Test
    void measuresOneCallOnEachDeviceAndDrawsIt() throws IOException {
        Path json = folder.resolve("kernels.json");
        int status = run("kernels", "^Conv\\[", "\\[1,80,", "--models", "V2", "--devices", "cpu,reference", "--threads",
                "1", "--forks", "0", "--iterations", "1", "--millis", "1", "--json", json.toString());
        assertThat(status).as(err.toString()).isZero();
        assertThat(out.toString()).contains("1 threads: ", "cpu  ", "reference  ", "Conv[");
        JsonObject report = JsonParser.parseString(Files.readString(json)).getAsJsonObject();
        assertThat(report.get("peak_gbps").getAsDouble()).isPositive();
        JsonObject result = report.getAsJsonArray("results").get(0).getAsJsonObject();
        double seconds = result.get("median_seconds").getAsDouble();
        assertThat(result.get("gflops").getAsDouble())
                .isCloseTo(2e-9 * 256 * 80 * 7 * 128 / seconds, org.assertj.core.data.Percentage.withPercentage(0.1));

        Path picture = folder.resolve("roofline.png");
        assertThat(run("roofline", json.toString(), "--out", picture.toString())).as(err.toString()).isZero();
        BufferedImage image = ImageIO.read(picture.toFile());
        assertThat(image.getWidth()).isEqualTo(1000);
    }

    @Test
    void saysWhatIsWrongInOneLine() throws IOException {
        assertThat(run("kernels", "nothing", "is", "called", "so")).isEqualTo(1);
        assertThat(err.toString()).isEqualToIgnoringNewLines(
                "aulos: no call has [nothing, is, called, so] in its name; --list shows all");
        err.getBuffer().setLength(0);
        Path file = Files.writeString(folder.resolve("x.json"), "{}");
        assertThat(run("roofline", file.toString(), "--out", "x.png")).isEqualTo(1);
        assertThat(err.toString()).isEqualToIgnoringNewLines("aulos: " + file + ": is not a file of 'kernels --json'");
    }
}
