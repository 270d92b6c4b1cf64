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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@link HifiGanConfig} from and to {@code config.json}. */
final class ConfigJson {
    private static final int MAX_BYTES = 1 << 20;
    private static final int MAX_LIST = 64;
    private static final int SHOWN = 60;
    /** What Python writes for numbers that JSON does not have. */
    private static final Pattern NO_NUMBER = Pattern.compile("\"(\\w{1,60})\"\\s*+:\\s*+(-?(?:NaN|Infinity))");

    private final JsonObject object;
    /** Whether a key that vocoding does not always need must be good. */
    private final boolean strict;

    private ConfigJson(JsonObject object, boolean strict) {
        this.object = object;
        this.strict = strict;
    }

    /** What to take from a configuration. */
    @FunctionalInterface
    private interface Part<T> {
        T of(ConfigJson json);
    }

    static HifiGanConfig read(Path file) throws IOException {
        return parse(text(file), file.toString());
    }

    static HifiGanConfig parse(String json, String origin) throws IOException {
        return parse(json, origin, false, ConfigJson::config);
    }

    static HifiGanConfig readForTraining(Path file) throws IOException {
        return parse(text(file), file.toString(), true, json -> {
            HifiGanConfig config = json.config();
            config.requireTrainable();
            return config;
        });
    }

    static MelConfig readMel(Path file) throws IOException {
        return parse(text(file), file.toString(), true, json -> {
            MelConfig mel = json.mel();
            mel.requireAnalysis();
            return mel;
        });
    }

    static double readFmaxForLoss(Path file, MelConfig mel) throws IOException {
        return parse(text(file), file.toString(), true, json -> {
            double fmax = json.fmaxForLoss(mel);
            mel.checkFmax("fmax_for_loss", fmax);
            return fmax;
        });
    }

    private static String text(Path file) throws IOException {
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
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw new IOException(file + ": not a configuration: not UTF-8 text", e);
        }
    }

    private static <T> T parse(String json, String origin, boolean strict, Part<T> part) throws IOException {
        JsonElement root;
        try {
            JsonReader reader = new JsonReader(new StringReader(json));
            reader.setStrictness(Strictness.STRICT);
            root = JsonParser.parseReader(reader);
            if (reader.peek() != JsonToken.END_DOCUMENT) {
                throw new IOException(origin + ": not valid JSON: more text after the end of the object");
            }
        } catch (JsonParseException | MalformedJsonException e) {
            Matcher wild = NO_NUMBER.matcher(json);
            throw new IOException(origin + ": " + (wild.find() ? wild.group(1) + " is " + wild.group(2)
                    + ", which is not valid JSON, expected a number" : "not valid JSON: " + reason(e)), e);
        }
        if (!root.isJsonObject()) {
            throw new IOException(origin + ": not a configuration: is " + show(root) + ", expected a JSON object");
        }
        try {
            return part.of(new ConfigJson(root.getAsJsonObject(), strict));
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
        MelConfig mel = mel();
        TrainingConfig usual = TrainingConfig.usual(mel);
        TrainingConfig training = new TrainingConfig(
                object.has("batch_size") ? perhapsInteger("batch_size") : usual.batchSize(),
                object.has("learning_rate") ? perhapsNumber("learning_rate") : usual.learningRate(),
                object.has("adam_b1") ? perhapsNumber("adam_b1") : usual.beta1(),
                object.has("adam_b2") ? perhapsNumber("adam_b2") : usual.beta2(),
                object.has("lr_decay") ? perhapsNumber("lr_decay") : usual.learningRateDecay(),
                object.has("seed") ? perhapsInteger("seed") : usual.seed(),
                object.has("segment_size") ? perhapsInteger("segment_size") : usual.segmentSize(), fmaxForLoss(mel));
        return new HifiGanConfig(
                resblock(), integers("upsample_rates", required("upsample_rates")),
                integers("upsample_kernel_sizes", required("upsample_kernel_sizes")),
                integer("upsample_initial_channel"),
                integers("resblock_kernel_sizes", required("resblock_kernel_sizes")), dilations(), mel, training);
    }

    private MelConfig mel() {
        int samplingRate = integer("sampling_rate");
        return new MelConfig(
                integer("num_mels"), perhapsInteger("n_fft"), integer("hop_size"), perhapsInteger("win_size"),
                samplingRate, perhapsNumber("fmin"), nullable("fmax", samplingRate / 2.0), unusable());
    }

    /** What people are shown when a spectrogram needs one of these. */
    private Map<String, String> unusable() {
        Map<String, String> unusable = new HashMap<>();
        for (String key : List.of("n_fft", "win_size", "fmin", "fmax")) {
            JsonElement value = object.get(key);
            boolean usable = switch (key) {
                case "n_fft", "win_size" -> isInteger(value);
                default -> isNumber(value) || key.equals("fmax") && value != null && value.isJsonNull();
            };
            if (value != null && !usable) {
                unusable.put(key, show(value));
            }
        }
        return unusable;
    }

    private double fmaxForLoss(MelConfig mel) {
        return object.has("fmax_for_loss") ? nullable("fmax_for_loss", mel.nyquist()) : mel.nyquist();
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
        if (isInteger(value)) {
            return (int) value.getAsDouble();
        }
        throw wrong(key, value, "an integer");
    }

    private static boolean isInteger(JsonElement value) {
        double number = isNumber(value) ? value.getAsDouble() : Double.NaN;
        return number == Math.rint(number) && Math.abs(number) <= Integer.MAX_VALUE;
    }

    private double number(String key) {
        JsonElement value = required(key);
        if (!isNumber(value)) {
            throw wrong(key, value, "a number");
        }
        return value.getAsDouble();
    }

    private int perhapsInteger(String key) {
        return strict || isInteger(object.get(key)) ? integer(key) : Bounds.ABSENT;
    }

    private double perhapsNumber(String key) {
        return strict || isNumber(object.get(key)) ? number(key) : Double.NaN;
    }

    private double nullable(String key, double ifNull) {
        JsonElement value = object.get(key);
        return value != null && value.isJsonNull() ? ifNull : perhapsNumber(key);
    }

    private static boolean isNumber(JsonElement value) {
        return value != null && value.isJsonPrimitive() && value.getAsJsonPrimitive().isNumber();
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
        add(json, "batch_size", training.batchSize());
        add(json, "learning_rate", training.learningRate());
        add(json, "adam_b1", training.beta1());
        add(json, "adam_b2", training.beta2());
        add(json, "lr_decay", training.learningRateDecay());
        add(json, "seed", training.seed());
        json.add("upsample_rates", array(config.upsampleRates()));
        json.add("upsample_kernel_sizes", array(config.upsampleKernelSizes()));
        json.addProperty("upsample_initial_channel", config.upsampleInitialChannel());
        json.add("resblock_kernel_sizes", array(config.resblockKernelSizes()));
        JsonArray dilations = new JsonArray();
        config.resblockDilationSizes().forEach(list -> dilations.add(array(list)));
        json.add("resblock_dilation_sizes", dilations);
        add(json, "segment_size", training.segmentSize());
        json.addProperty("num_mels", mel.mels());
        add(json, "n_fft", mel.fftSize());
        json.addProperty("hop_size", mel.hopSize());
        add(json, "win_size", mel.windowSize());
        json.addProperty("sampling_rate", mel.samplingRate());
        add(json, "fmin", mel.fmin());
        add(json, "fmax", mel.fmax());
        add(json, "fmax_for_loss", training.fmaxForLoss());
        return new GsonBuilder().setPrettyPrinting().create().toJson(json) + "\n";
    }

    /** Leaves out what is {@link Bounds#ABSENT}, or no number that JSON has. */
    private static void add(JsonObject json, String key, double value) {
        if (Double.isFinite(value) && value != Bounds.ABSENT) {
            json.addProperty(key, shortest(value));
        }
    }

    private static JsonArray array(List<Integer> values) {
        JsonArray array = new JsonArray();
        values.forEach(array::add);
        return array;
    }

    /** 8000 and 0.0002 rather than 8000.0 and 2.0E-4: as people write configurations. */
    private static Number shortest(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            return (long) value;
        }
        return BigDecimal.valueOf(value).stripTrailingZeros();
    }
}
