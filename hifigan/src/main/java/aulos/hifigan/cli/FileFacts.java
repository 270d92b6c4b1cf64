// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import aulos.engine.NdArray;
import aulos.engine.io.Container;
import aulos.engine.io.Npy;
import aulos.hifigan.audio.AudioFile;
import aulos.hifigan.audio.AudioStream;
import aulos.hifigan.io.CheckpointContents;
import aulos.hifigan.model.HifiGanConfig;
import aulos.hifigan.vocode.Voice;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/** What there is to say about a file, by name. */
final class FileFacts {
    private FileFacts() {}

    /** @throws IOException if the file cannot be read, is of no kind that we read, or is damaged */
    static JsonObject of(Path file) throws IOException {
        JsonObject facts = new JsonObject();
        facts.addProperty("file", file.toString());
        switch (Container.of(file)) {
            case ZIP, LEGACY, SAFETENSORS -> addCheckpoint(facts, file);
            case NPY, NPZ -> addArray(facts, Npy.read(file));
            case UNKNOWN -> addAudio(facts, file);
        }
        return facts;
    }

    private static void addCheckpoint(JsonObject facts, Path file) throws IOException {
        CheckpointContents contents = CheckpointContents.read(file);
        Map<String, CheckpointContents.Part> parts = contents.parts();
        CheckpointContents.Generator generator = contents.generator();
        CheckpointContents.Part weights = generator != null ? generator.part()
                : parts.getOrDefault("generator", parts.get(""));
        boolean training = parts.containsKey("optim_g") || parts.containsKey("mpd");
        boolean named = parts.containsKey("generator") || generator != null && !generator.place().isEmpty();
        facts.addProperty("kind", named ? "generator"
                : training ? "training state" : weights != null ? "weights" : "unknown");
        facts.addProperty("container", contents.container().name().toLowerCase(Locale.ROOT));
        if (generator != null && !generator.place().isEmpty() && !generator.place().equals("generator")) {
            facts.addProperty("place", generator.place());
        }
        if (generator != null && generator.note() != null) {
            facts.addProperty("note", generator.note());
        }
        contents.values().forEach((name, value) -> {
            if (value instanceof Number number) {
                facts.addProperty(name, number);
            } else {
                facts.addProperty(name, value.toString());
            }
        });
        if (weights != null) {
            facts.addProperty("entries", weights.tensors());
            facts.addProperty("parameters", weights.elements());
            facts.addProperty("form", weights.weightNorm() ? "weight norm" : "folded");
        } else {
            JsonObject list = new JsonObject();
            parts.forEach((name, part) -> {
                JsonObject counts = new JsonObject();
                counts.addProperty("entries", part.tensors());
                counts.addProperty("elements", part.elements());
                list.add(name, counts);
            });
            facts.add("parts", list);
        }
        addConfig(facts, file);
    }

    /** A file that cannot be vocoded for want of a good configuration still is what it is. */
    private static void addConfig(JsonObject facts, Path checkpoint) {
        try {
            HifiGanConfig config = Voice.configOf(checkpoint);
            if (config != null) {
                facts.add("config", JsonParser.parseString(config.toJson()));
            }
        } catch (IOException e) {
            facts.addProperty("config", Errors.message(e));
        }
    }

    private static void addArray(JsonObject facts, NdArray array) {
        facts.addProperty("kind", "array");
        JsonArray shape = new JsonArray();
        for (int dim : array.shape().dims()) {
            shape.add(dim);
        }
        facts.add("shape", shape);
        facts.addProperty("type", array.isDouble() ? "float64" : "float32");
        double least = Double.POSITIVE_INFINITY;
        double greatest = Double.NEGATIVE_INFINITY;
        int notFinite = 0;
        for (int i = 0; i < array.shape().size(); i++) {
            double value = array.get(i);
            if (Double.isFinite(value)) {
                least = Math.min(least, value);
                greatest = Math.max(greatest, value);
            } else {
                notFinite++;
            }
        }
        if (least <= greatest) {
            facts.addProperty("minimum", least);
            facts.addProperty("maximum", greatest);
        }
        facts.addProperty("not_finite", notFinite);
    }

    /** Reads all of it, so that damage further on is found. */
    private static void addAudio(JsonObject facts, Path file) throws IOException {
        try (AudioStream stream = AudioFile.open(file)) {
            long samples = 0;
            float peak = 0;
            float[] block = new float[1 << 14];
            for (int read = stream.read(block, 0, block.length); read > 0; read = stream.read(block, 0, block.length)) {
                samples += read;
                for (int i = 0; i < read; i++) {
                    peak = Math.max(peak, Math.abs(block[i]));
                }
            }
            facts.addProperty("kind", "audio");
            facts.addProperty("format", stream.format());
            facts.addProperty("sampling_rate", stream.sampleRate());
            facts.addProperty("samples", samples);
            facts.addProperty("seconds", (double) samples / stream.sampleRate());
            facts.addProperty("peak", peak);
            if (stream.note() != null) {
                facts.addProperty("note", stream.note());
            }
        }
    }
}
