// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.model;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@link HifiGanConfig} from and to {@code config.json}. */
final class ConfigJson {
    private static final int MAX_BYTES = 1 << 20;
    private static final int MAX_LIST = 64;
    private static final int SHOWN = 60;

    private final JsonObject object;

    private ConfigJson(JsonObject object) {
        this.object = object;
    }

    static HifiGanConfig read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IOException(file + ": " + (Files.exists(file) ? "not a regular file" : "no such file"));
        }
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MAX_BYTES + 1);
        }
        if (bytes.length > MAX_BYTES) {
            throw new IOException(file + ": larger than " + MAX_BYTES + " bytes, which no configuration is");
        }
        String text;
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw new IOException(file + ": not a configuration: not UTF-8 text", e);
        }
        return parse(text, file.toString());
    }

    static HifiGanConfig parse(String json, String origin) throws IOException {
        JsonElement root;
        try {
            JsonReader reader = new JsonReader(new StringReader(json));
            reader.setStrictness(Strictness.STRICT);
            root = JsonParser.parseReader(reader);
            if (reader.peek() != JsonToken.END_DOCUMENT) {
                throw new IOException(origin + ": not valid JSON: more text after the end of the object");
            }
        } catch (JsonParseException | MalformedJsonException e) {
            throw new IOException(origin + ": not valid JSON: " + reason(e), e);
        }
        if (!root.isJsonObject()) {
            throw new IOException(origin + ": not a configuration: is " + show(root) + ", expected a JSON object");
        }
        try {
            return new ConfigJson(root.getAsJsonObject()).config();
        } catch (IllegalArgumentException e) {
            throw new IOException(origin + ": " + e.getMessage(), e);
        }
    }

    /** Gson's message without the exception names in front and the advice to programmers behind. */
    private static String reason(Exception e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        String message = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        return message.lines().findFirst().orElse("").replaceFirst("^Use JsonReader.*accept ", "");
    }

    private HifiGanConfig config() {
        int samplingRate = integer("sampling_rate");
        double nyquist = samplingRate / 2.0;
        MelConfig mel = new MelConfig(
                integer("num_mels"), integer("n_fft"), integer("hop_size"), integer("win_size"), samplingRate,
                number("fmin"), nullable("fmax", nyquist));
        TrainingConfig usual = TrainingConfig.usual(mel);
        TrainingConfig training = new TrainingConfig(
                object.has("batch_size") ? integer("batch_size") : usual.batchSize(),
                object.has("learning_rate") ? number("learning_rate") : usual.learningRate(),
                object.has("adam_b1") ? number("adam_b1") : usual.beta1(),
                object.has("adam_b2") ? number("adam_b2") : usual.beta2(),
                object.has("lr_decay") ? number("lr_decay") : usual.learningRateDecay(),
                object.has("seed") ? integer("seed") : usual.seed(),
                object.has("segment_size") ? integer("segment_size") : usual.segmentSize(),
                object.has("fmax_for_loss") ? nullable("fmax_for_loss", nyquist) : usual.fmaxForLoss());
        return new HifiGanConfig(
                resblock(), integers("upsample_rates", required("upsample_rates")),
                integers("upsample_kernel_sizes", required("upsample_kernel_sizes")),
                integer("upsample_initial_channel"),
                integers("resblock_kernel_sizes", required("resblock_kernel_sizes")), dilations(), mel, training);
    }

    private JsonElement required(String key) {
        JsonElement value = object.get(key);
        if (value == null) {
            throw new IllegalArgumentException("key \"" + key + "\" is missing, expected a HiFi-GAN configuration with "
                    + "the generator's and the mel spectrogram's keys");
        }
        return value;
    }

    private ResBlockKind resblock() {
        JsonElement value = required("resblock");
        for (ResBlockKind kind : ResBlockKind.values()) {
            if (value.equals(new JsonPrimitive(kind.key()))) {
                return kind;
            }
        }
        // The number 1 too: the official code compares with the string and would silently build the other block.
        throw wrong("resblock", value, "the string \"1\" or \"2\"");
    }

    private List<List<Integer>> dilations() {
        String key = "resblock_dilation_sizes";
        List<List<Integer>> lists = new ArrayList<>();
        for (JsonElement element : array(key, required(key), "a list of lists of integers")) {
            lists.add(integers(key + "[" + lists.size() + "]", element));
        }
        return lists;
    }

    private static List<Integer> integers(String key, JsonElement value) {
        List<Integer> integers = new ArrayList<>();
        for (JsonElement element : array(key, value, "a list of integers")) {
            integers.add(integer(key + "[" + integers.size() + "]", element));
        }
        return integers;
    }

    private static JsonArray array(String key, JsonElement value, String expected) {
        if (!value.isJsonArray() || value.getAsJsonArray().size() > MAX_LIST) {
            throw wrong(key, value, expected + " with at most " + MAX_LIST + " entries");
        }
        return value.getAsJsonArray();
    }

    private int integer(String key) {
        return integer(key, required(key));
    }

    private static int integer(String key, JsonElement value) {
        if (isNumber(value)) {
            double number = value.getAsDouble();
            if (number == Math.rint(number) && Math.abs(number) <= Integer.MAX_VALUE) {
                return (int) number;
            }
        }
        throw wrong(key, value, "an integer");
    }

    private double number(String key) {
        JsonElement value = required(key);
        if (!isNumber(value)) {
            throw wrong(key, value, "a number");
        }
        return value.getAsDouble();
    }

    private double nullable(String key, double ifNull) {
        return required(key).isJsonNull() ? ifNull : number(key);
    }

    private static boolean isNumber(JsonElement value) {
        return value.isJsonPrimitive() && value.getAsJsonPrimitive().isNumber();
    }

    private static IllegalArgumentException wrong(String key, JsonElement value, String expected) {
        return new IllegalArgumentException(key + " is " + show(value) + ", expected " + expected);
    }

    private static String show(JsonElement value) {
        String text = value.toString();
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
    }

    static String write(HifiGanConfig config) {
        MelConfig mel = config.mel();
        TrainingConfig training = config.training();
        JsonObject json = new JsonObject();
        json.addProperty("resblock", config.resblock().key());
        json.addProperty("batch_size", training.batchSize());
        json.addProperty("learning_rate", shortest(training.learningRate()));
        json.addProperty("adam_b1", shortest(training.beta1()));
        json.addProperty("adam_b2", shortest(training.beta2()));
        json.addProperty("lr_decay", shortest(training.learningRateDecay()));
        json.addProperty("seed", training.seed());
        json.add("upsample_rates", array(config.upsampleRates()));
        json.add("upsample_kernel_sizes", array(config.upsampleKernelSizes()));
        json.addProperty("upsample_initial_channel", config.upsampleInitialChannel());
        json.add("resblock_kernel_sizes", array(config.resblockKernelSizes()));
        JsonArray dilations = new JsonArray();
        config.resblockDilationSizes().forEach(list -> dilations.add(array(list)));
        json.add("resblock_dilation_sizes", dilations);
        json.addProperty("segment_size", training.segmentSize());
        json.addProperty("num_mels", mel.mels());
        json.addProperty("n_fft", mel.fftSize());
        json.addProperty("hop_size", mel.hopSize());
        json.addProperty("win_size", mel.windowSize());
        json.addProperty("sampling_rate", mel.samplingRate());
        json.addProperty("fmin", shortest(mel.fmin()));
        json.addProperty("fmax", shortest(mel.fmax()));
        json.addProperty("fmax_for_loss", shortest(training.fmaxForLoss()));
        return new GsonBuilder().setPrettyPrinting().create().toJson(json) + "\n";
    }

    private static JsonArray array(List<Integer> values) {
        JsonArray array = new JsonArray();
        values.forEach(array::add);
        return array;
    }

    /** 8000 and 0.0002 rather than 8000.0 and 2.0E-4: as people write configurations. */
    private static Number shortest(double value) {
        if (value == Math.rint(value)) {
            return (long) value;
        }
        return BigDecimal.valueOf(value).stripTrailingZeros();
    }
}
