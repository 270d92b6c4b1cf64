// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import aulos.hifigan.model.HifiGanConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What must be the same wherever a run is computed, as hashes. Clips count by name and size: all of their content is more
 * than one wants to read before the first step.
 */
final class RunIdentity {
    private RunIdentity() {}

    static Map<String, String> of(HifiGanConfig config, TrainingOptions options, List<Clip> training,
            List<Clip> validation) throws IOException {
        TrainingOptions.Intervals every = options.intervals();
        Map<String, String> identity = new LinkedHashMap<>();
        identity.put("configuration", config.toJson());
        identity.put("options of the command line", List.of(options.maxSteps(), options.epochs(), every.checkpoint(),
                every.validation(), options.discriminatorWidth(), options.adversarialFrom(), options.accumulate(),
                options.clipNorm(), options.stftWeight(), options.averageDecay()).toString());
        identity.put("training list", names(training));
        identity.put("validation list", names(validation));
        identity.put("training clips", sizes(training));
        identity.put("validation clips", sizes(validation));
        identity.replaceAll((name, text) -> hash(text));
        return identity;
    }

    private static String names(List<Clip> clips) {
        return String.join("\n", clips.stream().map(Clip::id).toList());
    }

    private static String sizes(List<Clip> clips) throws IOException {
        StringBuilder sizes = new StringBuilder();
        for (Clip clip : clips) {
            sizes.append(size(clip.audio())).append(' ').append(clip.mel() == null ? "" : size(clip.mel())).append('\n');
        }
        return sizes.toString();
    }

    /** A clip that is not there is a broken one, as long as it is so everywhere. */
    private static long size(Path file) throws IOException {
        return Files.isRegularFile(file) ? Files.size(file) : -1;
    }

    private static String hash(String text) {
        try {
            return HexFormat.of().formatHex(
                    MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
