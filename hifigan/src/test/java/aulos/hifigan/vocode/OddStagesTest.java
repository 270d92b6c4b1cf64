// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.vocode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import aulos.engine.Backend;
import aulos.engine.NdArray;
import aulos.engine.Shape;
import aulos.engine.TestDevice;
import aulos.hifigan.model.HifiGanConfig;
import aulos.hifigan.model.MelConfig;
import aulos.hifigan.model.ResBlockKind;
import aulos.hifigan.model.TrainingConfig;
import aulos.hifigan.testing.Fill;
import aulos.kernels.cpu.CpuBackend;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Generators of published 16, 24 and 48 kHz configurations (narrower here), in which kernel − rate of some stages is odd:
 * such a stage gives one sample more than rate · length. The audio in {@code odd-stages.json} was computed by PyTorch in
 * float64 as the official code does, with the weights of {@link Fill} and a gain of 1.
 */
class OddStagesTest {
    private static final double GAIN = 1;

    @ParameterizedTest
    @ValueSource(strings = {"reference", "cpu", "opencl"})
    void giveTheOfficialAudio(String device) throws IOException {
        try (Backend backend = TestDevice.open(device)) {
            for (JsonElement element : facts()) {
                JsonObject facts = element.getAsJsonObject();
                HifiGanConfig config = config(facts);
                int samples = facts.get("samples").getAsInt();
                int frames = facts.get("frames").getAsInt();
                assertThat(config.samples(frames)).isEqualTo(samples);
                float[] audio = vocode(config, backend, frames, Vocoder.DEFAULT_CHUNK);
                assertThat(audio).hasSize(samples);
                JsonArray some = facts.getAsJsonArray("every_37th");
                for (int i = 0; i < some.size(); i++) {
                    assertThat((double) audio[37 * i]).isCloseTo(some.get(i).getAsDouble(), within(1e-6));
                }
                JsonArray last = facts.getAsJsonArray("last");
                for (int i = 0; i < last.size(); i++) {
                    assertThat((double) audio[samples - last.size() + i])
                            .isCloseTo(last.get(i).getAsDouble(), within(1e-6));
                }
            }
        }
    }

    static List<HifiGanConfig> configs() throws IOException {
        return StreamSupport.stream(facts().spliterator(), false).map(element -> config(element.getAsJsonObject()))
                .distinct().toList();
    }

    @ParameterizedTest
    @MethodSource("configs")
    void giveTheSameBitsInChunks(HifiGanConfig config) throws IOException {
        int frames = 90;
        float[] whole;
        try (Backend backend = TestDevice.open("cpu")) {
            whole = vocode(config, backend, frames, frames);
            assertThat(whole).hasSize(config.samples(frames));
            for (int chunk : new int[] {1, 7, 32, 45, 89}) {
                assertThat(vocode(config, backend, frames, chunk)).as("chunks of " + chunk).containsExactly(whole);
            }
        }
        try (Backend reference = TestDevice.open("reference")) {
            float[] exact = vocode(config, reference, frames, frames);
            for (int i = 0; i < whole.length; i++) {
                assertThat((double) whole[i]).as("sample " + i).isCloseTo(exact[i], within(1e-6));
            }
        }
    }

    /** Long and narrow enough that threads would share a stage's strips, if its length were a multiple of theirs. */
    @Test
    void giveTheSameBitsOnAnyNumberOfThreads() throws IOException {
        MelConfig mel = new MelConfig(5, 256, 64, 256, 16_000, 0, 8000.0);
        for (List<Integer> kernels : List.of(List.of(9, 16), List.of(16, 15), List.of(11, 9))) {
            HifiGanConfig config = new HifiGanConfig(ResBlockKind.RESBLOCK2, List.of(8, 8), kernels, 64, List.of(3, 7),
                    List.of(List.of(1, 3), List.of(1, 5)), mel, TrainingConfig.usual(mel));
            float[] expected;
            try (Backend one = new CpuBackend(1)) {
                expected = vocode(config, one, 256, Vocoder.DEFAULT_CHUNK);
            }
            for (int threads : new int[] {2, 3}) {
                try (Backend several = new CpuBackend(threads)) {
                    assertThat(vocode(config, several, 256, Vocoder.DEFAULT_CHUNK)).as(kernels + ", " + threads + " threads")
                            .containsExactly(expected);
                }
            }
        }
    }

    private static float[] vocode(HifiGanConfig config, Backend backend, int frames, int chunk) throws IOException {
        Map<String, NdArray> weights = Fill.generator(config, "odd/", GAIN);
        try (Vocoder vocoder = new Vocoder(config, weights, backend, chunk)) {
            return Recorded.of(vocoder, Fill.fill("mel", Shape.of(1, config.mel().mels(), frames), 3));
        }
    }

    private static JsonArray facts() throws IOException {
        try (InputStream in = HifiGanConfig.class.getResourceAsStream("odd-stages.json")) {
            return JsonParser.parseReader(new InputStreamReader(in, StandardCharsets.UTF_8)).getAsJsonArray();
        }
    }

    private static HifiGanConfig config(JsonObject facts) {
        List<Integer> rates = integers(facts.getAsJsonArray("upsample_rates"));
        int hop = rates.stream().reduce(1, (a, b) -> a * b);
        MelConfig mel = new MelConfig(5, 4 * hop, hop, 4 * hop, 100 * hop, 0, 50.0 * hop);
        return new HifiGanConfig(ResBlockKind.RESBLOCK1, rates, integers(facts.getAsJsonArray("upsample_kernel_sizes")),
                facts.get("channels").getAsInt(), List.of(3, 7), List.of(List.of(1, 3, 5), List.of(1, 3, 5)), mel,
                TrainingConfig.usual(mel));
    }

    private static List<Integer> integers(JsonArray array) {
        return array.asList().stream().map(JsonElement::getAsInt).toList();
    }
}
