// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.spark;

import aulos.engine.Precision;
import aulos.hifigan.audio.Encoding;
import aulos.hifigan.model.HifiGanConfig;
import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What all tasks of a job need to know.
 *
 * @param voice a safetensors file with its configuration inside, or null if nothing is vocoded
 * @param config a {@code config.json}
 * @param range frames that are computed in one go, at most
 * @param out the output folder
 * @param localCores those of the driver if it computes itself, else 0
 */
@SuppressWarnings("ArrayRecordComponent")
record Settings(Action action, byte[] voice, String config, Encoding encoding, boolean parquet, int range,
        Computing computing, String out, int localCores) implements Serializable {

    enum Action { VOCODE, MEL, EVAL }

    /** Which device, and how it computes. */
    record Computing(String device, Precision precision, boolean exact) implements Serializable {}

    Settings withLocalCores(int cores) {
        return new Settings(action, voice, config, encoding, parquet, range, computing, out, cores);
    }

    /** For tasks that vocode nothing: a voice has megabytes. */
    Settings withoutVoice() {
        return new Settings(action, null, config, encoding, parquet, range, computing, out, localCores);
    }

    HifiGanConfig parsed() throws IOException {
        return HifiGanConfig.parse(config, "the job's configuration");
    }

    /** What the results depend on: an output folder holds those of one such text. */
    String identity() {
        return "{\"action\": \"" + action + "\", \"voice\": \"" + (voice == null ? "" : digest(voice))
                + "\", \"config\": \"" + digest(config.getBytes(StandardCharsets.UTF_8)) + "\", \"encoding\": \""
                + encoding + "\", \"format\": \"" + (parquet ? "parquet" : "files") + "\", \"range\": " + range
                + ", \"precision\": \"" + computing.precision() + "\", \"exact\": " + computing.exact() + "}";
    }

    private static String digest(byte[] bytes) {
        return HexFormat.of().formatHex(sha256(bytes), 0, 8);
    }

    static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }
}
