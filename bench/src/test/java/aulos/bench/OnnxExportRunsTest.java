// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import aulos.engine.NdArray;
import aulos.engine.Shape;
import aulos.hifigan.export.OnnxExport;
import aulos.hifigan.model.HifiGanConfig;
import aulos.hifigan.model.MelConfig;
import aulos.hifigan.model.ResBlockKind;
import aulos.hifigan.model.TrainingConfig;
import aulos.hifigan.model.WeightNorm;
import aulos.hifigan.testing.Fill;
import aulos.hifigan.testing.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Exported models in ONNX Runtime, against float64. */
class OnnxExportRunsTest {
    private static final MelConfig MEL = new MelConfig(5, 32, 12, 24, 8000, 0, 4000);

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"generator_v1", "generator_v2", "generator_v3", "generator_hires", "generator_tiny"})
    void givesTheGoldenAudio(String name) throws IOException {
        Map<String, NdArray> golden = Golden.values(name);
        HifiGanConfig config = HifiGanConfig.read(Golden.folder(name).resolve("config.json"));
        Map<String, NdArray> weights = WeightNorm.fold(config, Fill.generator(config, name + "/", 0.6));
        float[] audio = run(config, weights, golden.get("mel").floats(), 1);
        double error = maxDifference(audio, golden.get("audio").doubles());
        System.err.println(name + ": ONNX Runtime's greatest error is " + error);
        assertThat(error).isLessThan(1e-6);
    }

    static Stream<HifiGanConfig> small() {
        return Stream.of(
                new HifiGanConfig(ResBlockKind.RESBLOCK1, List.of(3, 4), List.of(7, 4), 8, List.of(3, 5),
                        List.of(List.of(1, 2, 4), List.of(3, 1, 1)), MEL, TrainingConfig.usual(MEL)),
                new HifiGanConfig(ResBlockKind.RESBLOCK1, List.of(4, 1, 3), List.of(9, 2, 6), 16, List.of(3),
                        List.of(List.of(1, 2, 4)), MEL, TrainingConfig.usual(MEL)),
                new HifiGanConfig(ResBlockKind.RESBLOCK2, List.of(12), List.of(14), 6, List.of(3),
                        List.of(List.of(1, 5)), MEL, TrainingConfig.usual(MEL)),
                new HifiGanConfig(ResBlockKind.RESBLOCK2, List.of(2, 6, 1), List.of(4, 10, 3), 16, List.of(1, 3, 7),
                        List.of(List.of(1, 1), List.of(2, 6), List.of(3, 9)), MEL, TrainingConfig.usual(MEL)));
    }

    @ParameterizedTest
    @MethodSource("small")
    void givesTheFormulasAudioForAnyBatchAndLength(HifiGanConfig config) throws IOException {
        Map<String, NdArray> weights = WeightNorm.fold(config, Fill.generator(config, "small/", 0.8));
        NaiveGenerator naive = new NaiveGenerator(config, weights);
        for (int frames : new int[] {1, 9}) {
            float[] mel = Fill.fill("mel", Shape.of(2, MEL.mels(), frames), 2).floats();
            float[] audio = run(config, weights, mel, 2);
            assertThat(audio).hasSize(2 * config.samples(frames));
            for (int b = 0; b < 2; b++) {
                double[][] one = new double[MEL.mels()][frames];
                for (int i = 0; i < MEL.mels() * frames; i++) {
                    one[i / frames][i % frames] = mel[b * MEL.mels() * frames + i];
                }
                double[] expected = naive.audio(one);
                assertThat(Arrays.stream(expected).map(Math::abs).max().orElseThrow()).isGreaterThan(0.01);
                float[] part = Arrays.copyOfRange(audio, b * expected.length, (b + 1) * expected.length);
                assertThat(maxDifference(part, expected)).isLessThan(1e-6);
            }
        }
    }

    @Test
    void tellsItsShapesAndItsConfiguration() throws IOException, OrtException {
        HifiGanConfig config = small().findFirst().orElseThrow();
        Path model = export(config, WeightNorm.fold(config, Fill.generator(config, "", 1)));
        try (OrtSession session = OrtEnvironment.getEnvironment().createSession(Files.readAllBytes(model))) {
            assertThat(session.getInputInfo().get("mel").getInfo().toString()).contains("batch", "frames");
            assertThat(session.getOutputInfo().get("audio").getInfo().toString()).contains("batch", "samples");
            assertThat(session.getMetadata().getCustomMetadata())
                    .containsEntry("model_type", "hifigan").containsEntry("sample_rate", "8000");
            String json = session.getMetadata().getCustomMetadata().get("config.json");
            assertThat(HifiGanConfig.parse(json, "metadata")).isEqualTo(config);
        }
    }

    @Test
    void theReceptiveFieldIsAllThatMatters() throws IOException {
        HifiGanConfig config = HifiGanConfig.V2;
        Map<String, NdArray> weights = WeightNorm.fold(config, Fill.generator(config, "", 0.6));
        int hop = config.mel().hopSize();
        int frames = 2 * config.receptiveField() + 5;
        int frame = frames / 2;
        float[] mel = Fill.fill("mel", Shape.of(80, frames), 4).floats();
        float[] before = run(config, weights, mel, 1);
        for (int band = 0; band < 80; band++) {
            mel[band * frames + frame] += 50;
        }
        float[] after = run(config, weights, mel, 1);
        int first = Arrays.mismatch(before, after);
        int last = before.length - 1;
        while (before[last] == after[last]) {
            last--;
        }
        assertThat(frame - first / hop).isEqualTo(config.receptiveField());
        assertThat(last / hop - frame).isEqualTo(config.receptiveField());
    }

    private float[] run(HifiGanConfig config, Map<String, NdArray> weights, float[] mel, int batch)
            throws IOException {
        Path model = export(config, weights);
        try (OnnxRuntimeSynthesis synthesis = new OnnxRuntimeSynthesis(model, config.mel().mels(), 2)) {
            return synthesis.audio(mel, batch);
        }
    }

    private Path export(HifiGanConfig config, Map<String, NdArray> weights) throws IOException {
        Path model = folder.resolve("model.onnx");
        OnnxExport.write(model, config, weights);
        return model;
    }

    private static double maxDifference(float[] audio, double[] expected) {
        assertThat(audio).hasSize(expected.length);
        double max = 0;
        for (int i = 0; i < audio.length; i++) {
            max = Math.max(max, Math.abs(audio[i] - expected[i]));
        }
        return max;
    }
}
