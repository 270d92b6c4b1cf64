// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.vocode;

import aulos.engine.Backend;
import aulos.engine.NdArray;
import aulos.engine.io.AtomicFile;
import aulos.engine.io.Container;
import aulos.engine.io.Safetensors;
import aulos.hifigan.io.StateDict;
import aulos.hifigan.model.HifiGanConfig;
import aulos.hifigan.model.WeightNorm;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A trained generator.
 *
 * @param weights folded: names and shapes are those of {@link HifiGanConfig#foldedParameters}
 */
public record Voice(HifiGanConfig config, Map<String, NdArray> weights) {
    /** What the voice that comes with Aulos is called. */
    public static final String BUNDLED_NAME = "aulos-v2";

    /** Folder of its resources, {@code generator.safetensors} and {@code config.json}. */
    private static final String BUNDLED = "/aulos/voices/" + BUNDLED_NAME + "/";

    /** The entry of a safetensors file's metadata that holds the configuration, as in our ONNX files. */
    private static final String CONFIG_KEY = "config.json";

    /**
     * The voice that comes with Aulos.
     *
     * @throws IOException if this build was made without one
     */
    public static Voice bundled() throws IOException {
        String origin = "bundled voice " + BUNDLED_NAME;
        String config = new String(resource("config.json"), StandardCharsets.UTF_8);
        Path checkpoint = Files.createTempFile("aulos-voice-", ".safetensors");
        try {
            AtomicFile.write(checkpoint, out -> out.write(resource("generator.safetensors")));
            Map<String, NdArray> stateDict = StateDict.fromCheckpoint(checkpoint);
            return fold(origin, stateDict, "its config.json", HifiGanConfig.parse(config, origin));
        } finally {
            Files.delete(checkpoint);
        }
    }

    static byte[] resource(String name) throws IOException {
        try (InputStream in = Voice.class.getResourceAsStream(BUNDLED + name)) {
            if (in == null) {
                throw new IOException("the bundled voice is missing: this build has no resource " + BUNDLED + name
                        + "; give a voice with --checkpoint");
            }
            return in.readAllBytes();
        }
    }

    /** A {@link Vocoder} with this voice; {@code backend} stays the caller's to close, later. */
    public Vocoder open(Backend backend) {
        return new Vocoder(config, weights, backend);
    }

    /**
     * Reads a generator's checkpoint of any kind that {@link StateDict} knows, with the configuration that is inside it
     * ({@link #save}) or else in the {@code config.json} beside it.
     *
     * @throws IOException if a file cannot be read or the two do not fit each other
     */
    public static Voice load(Path checkpoint) throws IOException {
        return load(checkpoint, null, _ -> { });
    }

    /** As {@link #load(Path)}, with the configuration from the file {@code config}. */
    public static Voice load(Path checkpoint, Path config) throws IOException {
        return load(checkpoint, config, _ -> { });
    }

    /**
     * As above.
     *
     * @param configFile of the configuration, or null for the one in or beside the checkpoint
     * @param say takes a line for people about a choice that was made for them
     */
    public static Voice load(Path checkpoint, Path configFile, Consumer<String> say) throws IOException {
        Map<String, NdArray> stateDict = StateDict.fromCheckpoint(checkpoint, say);
        if (configFile != null) {
            return fold(checkpoint.toString(), stateDict, configFile.toString(), HifiGanConfig.read(configFile));
        }
        HifiGanConfig config = configOf(checkpoint);
        if (config == null) {
            throw new IOException(checkpoint + ": there is no " + beside(checkpoint)
                    + " that says what generator it is; put it there, or name it with --config");
        }
        return fold(checkpoint.toString(), stateDict, "its configuration", config);
    }

    /** The configuration inside a checkpoint, or else beside it; null if there is none. */
    public static HifiGanConfig configOf(Path checkpoint) throws IOException {
        String inside = Container.of(checkpoint) == Container.SAFETENSORS
                ? Safetensors.metadata(checkpoint).get(CONFIG_KEY) : null;
        if (inside != null) {
            return HifiGanConfig.parse(inside, checkpoint + ": its " + CONFIG_KEY);
        }
        return Files.exists(beside(checkpoint)) ? HifiGanConfig.read(beside(checkpoint)) : null;
    }

    private static Path beside(Path checkpoint) {
        return checkpoint.resolveSibling("config.json");
    }

    private static Voice fold(String checkpoint, Map<String, NdArray> stateDict, String origin, HifiGanConfig config)
            throws IOException {
        try {
            return new Voice(config, WeightNorm.fold(config, stateDict));
        } catch (IllegalArgumentException e) {
            throw new IOException(checkpoint + ": does not fit " + origin + ": " + e.getMessage(), e);
        }
    }

    /**
     * Writes a safetensors file that {@link #load} reads without a {@code config.json} beside it.
     *
     * @throws IOException if the file cannot be written; then nothing is left behind
     */
    public void save(Path file) throws IOException {
        Safetensors.write(file, weights, Map.of(CONFIG_KEY, config.toJson()));
    }
}
