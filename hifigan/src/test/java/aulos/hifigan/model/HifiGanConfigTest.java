// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import aulos.engine.NdArray;
import aulos.engine.Shape;
import aulos.hifigan.testing.Golden;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HifiGanConfigTest {

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"V1,13936130,13926017,26.4,13", "V2,928514,925985,1.66,13", "V3,1464322,1462273,1.94,11"})
    void knowsThePapersFigures(String name, long withNorm, long folded, double gigaMacs, int receptiveField) {
        HifiGanConfig config = paper(name);
        assertThat(total(config.weightNormParameters())).isEqualTo(withNorm);
        assertThat(total(config.foldedParameters())).isEqualTo(folded);
        double framesPerSecond = (double) config.mel().samplingRate() / config.mel().hopSize();
        assertThat(config.macsPerFrame() * framesPerSecond / 1e9).isCloseTo(gigaMacs, within(0.05));
        assertThat(config.receptiveField()).isEqualTo(receptiveField);
    }

    @ParameterizedTest
    @CsvSource({"generator_v1,V1", "generator_v2,V2", "generator_v3,V3"})
    void readsTheOfficialFiles(String golden, String name) throws IOException {
        HifiGanConfig config = HifiGanConfig.read(Golden.folder(golden).resolve("config.json"));
        assertThat(config).isEqualTo(paper(name));
        assertThat(total(config.weightNormParameters())).isEqualTo(Golden.facts(golden).get("parameters").getAsLong());
    }

    @Test
    void readsAConfigurationThatIsNotThePapers() throws IOException {
        HifiGanConfig config = HifiGanConfig.read(Golden.folder("generator_hires").resolve("config.json"));
        assertThat(config.mel()).isEqualTo(new MelConfig(100, 1200, 300, 1200, 24_000, 0, 12_000));
        assertThat(config.training().segmentSize()).isEqualTo(9600);
        assertThat(total(config.weightNormParameters()))
                .isEqualTo(Golden.facts("generator_hires").get("parameters").getAsLong());
    }

    @Test
    void namesEveryParameterInTheOfficialOrder() throws IOException {
        HifiGanConfig config = HifiGanConfig.read(Golden.folder("generator_tiny").resolve("config.json"));
        List<String> expected = Golden.values("generator_tiny").keySet().stream()
                .filter(key -> key.startsWith("param/")).map(key -> key.substring("param/".length())).toList();
        assertThat(config.weightNormParameters().keySet()).containsExactlyElementsOf(expected);
        Map<String, NdArray> values = Golden.values("generator_tiny");
        config.weightNormParameters().forEach(
                (name, shape) -> assertThat(values.get("param/" + name).shape()).as(name).isEqualTo(shape));
    }

    @ParameterizedTest
    @ValueSource(strings = {"V1", "V2", "V3"})
    void survivesItsOwnJson(String name) throws IOException {
        HifiGanConfig config = paper(name);
        assertThat(HifiGanConfig.parse(config.toJson(), "test")).isEqualTo(config);
        assertThat(config.toJson()).contains("\"learning_rate\": 0.0002", "\"fmax\": 8000,", "\"resblock\": \"");
    }

    @Test
    void vocodingNeedsNoTrainingKeysAndIgnoresUnknownOnes() throws IOException {
        JsonObject json = v1();
        List.of("batch_size", "learning_rate", "adam_b1", "adam_b2", "lr_decay", "seed", "segment_size",
                "fmax_for_loss").forEach(json::remove);
        json.addProperty("dist_url", "tcp://localhost:54321");
        assertThat(HifiGanConfig.parse(json.toString(), "test")).isEqualTo(HifiGanConfig.V1);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "resblock", "upsample_rates", "upsample_kernel_sizes", "upsample_initial_channel", "resblock_kernel_sizes",
        "resblock_dilation_sizes", "num_mels", "n_fft", "hop_size", "win_size", "sampling_rate", "fmin", "fmax"
    })
    void namesAMissingKey(String key) throws IOException {
        JsonObject json = v1();
        json.remove(key);
        Path file = Files.writeString(folder.resolve("some.json"), json.toString());
        assertThatIOException().isThrownBy(() -> HifiGanConfig.readForTraining(file))
                .withMessageStartingWith(file + ": key \"" + key + "\" is missing")
                .withMessageNotContaining("\n");
    }

    /** What none of them needs to vocode mels, they do not look at; what they need later, they name then. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "n_fft | 512 | n_fft is 512, expected at least win_size, which is 1024",
        "n_fft | x | n_fft is \"1e-4\", expected an integer from 2 to 131072",
        "n_fft | 0.5 | n_fft is 0.5, expected an integer from 2 to 131072",
        "n_fft | | n_fft is missing, expected an integer from 2 to 131072",
        "win_size | 2048 | n_fft is 1024, expected at least win_size, which is 2048",
        "win_size | null | win_size is null, expected an integer from 1 to 131072",
        "fmin | -1 | fmin is -1.0, expected 0.0 to 11025.0",
        "fmin | [] | fmin is [], expected a number from 0.0 to 11025.0",
        "fmax | x | fmax is \"1e-4\", expected a number from 0.0 to 1.0E7",
        "fmax | 1e300 | fmax is 1.0E300, expected 0.0 to 1.0E7",
        "fmax | 0 | fmax is 0.0 Hz, expected more than fmin, which is 0.0 Hz",
        "batch_size | 0 | ", "learning_rate | 1e400 | ", "adam_b1 | x | ", "adam_b2 | 7 | ", "lr_decay | null | ",
        "seed | 0.5 | ", "segment_size | 8000 | ", "segment_size | {} | ", "fmax_for_loss | 12000 | ",
        "fmax_for_loss | x | "
    })
    void vocodingMelsChecksNoKeyThatItDoesNotUse(String key, String value, String message) throws IOException {
        JsonObject json = v1();
        json.remove(key);
        if (value != null) {
            json.add(key, value.equals("x") ? new JsonPrimitive("1e-4") : JsonParser.parseString(value));
        }
        HifiGanConfig config = HifiGanConfig.parse(json.toString(), "test");
        assertThat(config.foldedParameters()).isEqualTo(HifiGanConfig.V1.foldedParameters());
        HifiGanConfig again = HifiGanConfig.parse(config.toJson(), "test");
        MelConfig mel = config.mel();
        assertThat(again.mel()).isEqualTo(new MelConfig(mel.mels(), mel.fftSize(), mel.hopSize(), mel.windowSize(),
                mel.samplingRate(), mel.fmin(), mel.fmax()));
        if (message != null) {
            assertThatIllegalArgumentException().isThrownBy(() -> config.mel().requireAnalysis()).withMessage(message);
        } else {
            config.mel().requireAnalysis();
        }
    }

    @Test
    void numbersThatJsonDoesNotHaveAreShown() {
        for (String value : List.of("NaN", "-Infinity")) {
            assertThatIOException().isThrownBy(() -> HifiGanConfig.parse("{\"fmin\": 0, \"n_fft\": " + value + "}", "test"))
                    .withMessage("test: n_fft is " + value + ", which is not valid JSON, expected a number");
        }
    }

    @Test
    void anEdgeAboveHalfTheSamplingRateIsAWarning() throws IOException {
        JsonObject json = v1();
        json.addProperty("fmax", 12_000);
        json.addProperty("fmax_for_loss", 11_500);
        HifiGanConfig config =
                HifiGanConfig.readForTraining(Files.writeString(folder.resolve("some.json"), json.toString()));
        assertThat(config.mel().warning()).hasValue("fmax is 12000.0 Hz, more than half of sampling_rate, which is "
                + "22050 Hz: the mel bands above are empty");
        assertThat(config.training().warning(config.mel())).hasValueSatisfying(
                warning -> assertThat(warning).startsWith("fmax_for_loss is 11500.0 Hz"));
        assertThat(HifiGanConfig.V1.mel().warning()).isEmpty();
        assertThat(HifiGanConfig.V1.training().warning(HifiGanConfig.V1.mel())).isEmpty();
    }

    @Test
    void aSpectrogramNeedsNoGenerator() throws IOException {
        Path file = Files.writeString(folder.resolve("some.json"), """
                {"num_mels": 80, "n_fft": 1024, "hop_size": 256, "win_size": 1024, "sampling_rate": 22050, "fmin": 0,
                 "fmax": 8000, "batch_size": "x", "fmax_for_loss": 9000}
                """);
        MelConfig mel = MelConfig.read(file);
        assertThat(mel).isEqualTo(HifiGanConfig.V1.mel());
        assertThat(mel.readFmaxForLoss(file)).isEqualTo(9000);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "hop_size | 255 | hop_size is 255, expected 256, the product of upsample_rates [8, 8, 2, 2]",
        "upsample_rates | [8,8,4] | upsample_kernel_sizes [16, 16, 4, 4] has 4 entries, expected 3",
        "upsample_rates | [] | number of upsample_rates is 0, expected 1 to 12",
        "upsample_rates | [1024,1024,1024,1024] | upsample_kernel_sizes[0] is 16, expected at least upsample_rates[0]",
        "upsample_kernel_sizes | [6,16,4,4] | upsample_kernel_sizes[0] is 6, expected at least upsample_rates[0], which is 8",
        "upsample_initial_channel | 520 | upsample_initial_channel is 520, expected a multiple of 16",
        "upsample_initial_channel | 1000000 | upsample_initial_channel is 1000000, expected 1 to 16384",
        "upsample_initial_channel | 16384 | weights or more, expected at most 1000000000",
        "resblock_kernel_sizes | [3,8,11] | resblock_kernel_sizes[1] is 8, expected an odd number",
        "resblock_kernel_sizes | [3,7] | resblock_dilation_sizes [[1, 3, 5], [1, 3, 5], [1, 3, 5]] has 3",
        "resblock_dilation_sizes | [[1,3],[1,3,5],[1,3,5]] | resblock_dilation_sizes[0] [1, 3] has 2 entries",
        "resblock_dilation_sizes | [[1,3,0],[1,3,5],[1,3,5]] | resblock_dilation_sizes[0] is 0, expected 1 to 4096",
        "resblock_dilation_sizes | [1,3,5] | resblock_dilation_sizes[0] is 1, expected a list of integers",
        "resblock | `2` | resblock_dilation_sizes[0] [1, 3, 5] has 3 entries, expected 2 because resblock is",
        "resblock | 1 | resblock is 1, expected the string \"1\" or \"2\"",
        "win_size | 2048 | n_fft is 1024, expected at least win_size, which is 2048",
        "n_fft | 128 | n_fft is 128, expected at least win_size, which is 1024",
        "fmin | 9000 | fmax is 8000.0 Hz, expected more than fmin, which is 9000.0 Hz",
        "fmin | -1 | fmin is -1.0, expected 0.0 to 11025.0",
        "upsample_kernel_sizes | [15,16,4,4] | which is 8, plus an even number: only then is the audio as long",
        "segment_size | 0 | segment_size is 0, expected 1 to 67108864",
        "fmax_for_loss | 0 | fmax_for_loss is 0.0 Hz, expected more than fmin, which is 0.0 Hz",
        "adam_b1 | 1 | adam_b1 is 1.0, expected 0.0 to",
        "learning_rate | 1e400 | learning_rate is Infinity, expected 0.0 to 1.0",
        "sampling_rate | 0 | sampling_rate is 0, expected 1 to",
        "num_mels | 80.5 | num_mels is 80.5, expected an integer",
        "num_mels | `80` | num_mels is \"80\", expected an integer",
        "num_mels | null | num_mels is null, expected an integer",
        "num_mels | 1e30 | num_mels is 1e30, expected an integer",
        "num_mels | {} | num_mels is {}, expected an integer",
        "fmin | true | fmin is true, expected a number",
    })
    void namesKeyAndValuesOfAContradiction(String key, String value, String message) throws IOException {
        JsonObject json = v1();
        json.add(key, JsonParser.parseString(key.equals("resblock") && value.equals("2") || value.equals("80")
                ? "\"" + value + "\"" : value));
        Path file = Files.writeString(folder.resolve("some.json"), json.toString());
        assertThatIOException().isThrownBy(() -> HifiGanConfig.readForTraining(file))
                .withMessageStartingWith(file + ": ").withMessageContaining(message).withMessageNotContaining("\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "null", "{\"resblock\": \"1\",}", "{} {}", "{'a': 1}", "{\"a\": NaN}", "1e",
        "{\"a\": \"\\u00zz\"}"})
    void refusesWhatIsNoConfigurationInOneLine(String text) {
        assertThatIOException().isThrownBy(() -> HifiGanConfig.parse(text, "some.json"))
                .withMessageStartingWith("some.json: ").withMessageNotContaining("\n")
                .withMessageNotContaining("JsonReader");
    }

    @Test
    void refusesDeepNesting() {
        assertThatIOException().isThrownBy(() -> HifiGanConfig.parse("[".repeat(500_000), "some.json"))
                .withMessageStartingWith("some.json: not valid JSON").withMessageNotContaining("\n");
    }

    @Test
    void namesTheFileThatCannotBeRead() throws IOException {
        Path missing = folder.resolve("none.json");
        assertThatIOException().isThrownBy(() -> HifiGanConfig.read(missing)).withMessage(missing + ": no such file");
        assertThatIOException().isThrownBy(() -> HifiGanConfig.read(folder))
                .withMessage(folder + ": not a regular file");
        Path huge = Files.write(folder.resolve("huge.json"), new byte[(1 << 20) + 1]);
        assertThatIOException().isThrownBy(() -> HifiGanConfig.read(huge)).withMessageContaining("larger than");
        Path binary = Files.write(folder.resolve("binary.json"), new byte[] {'{', (byte) 0xff, '}'});
        assertThatIOException().isThrownBy(() -> HifiGanConfig.read(binary))
                .withMessage(binary + ": not a configuration: not UTF-8 text");
    }

    @Test
    void damagedTextGivesAConfigurationOrACleanError() {
        String text = HifiGanConfig.V1.toJson();
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 5000; i++) {
            StringBuilder damaged = new StringBuilder(text);
            for (int n = random.nextInt(1, 4); n > 0; n--) {
                damaged.setCharAt(random.nextInt(text.length()), (char) random.nextInt(' ', 128));
            }
            damaged.setLength(random.nextInt(4) == 0 ? random.nextInt(text.length()) : text.length());
            assertThatCode(() -> {
                try {
                    HifiGanConfig.parse(damaged.toString(), "some.json");
                } catch (IOException e) {
                    assertThat(e).hasMessageStartingWith("some.json: ").hasMessageNotContaining("\n");
                }
            }).as(damaged.toString()).doesNotThrowAnyException();
        }
    }

    private static JsonObject v1() {
        return JsonParser.parseString(HifiGanConfig.V1.toJson()).getAsJsonObject();
    }

    private static HifiGanConfig paper(String name) {
        return switch (name) {
            case "V1" -> HifiGanConfig.V1;
            case "V2" -> HifiGanConfig.V2;
            case "V3" -> HifiGanConfig.V3;
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static long total(Map<String, Shape> parameters) {
        return parameters.values().stream().mapToLong(Shape::size).sum();
    }
}
