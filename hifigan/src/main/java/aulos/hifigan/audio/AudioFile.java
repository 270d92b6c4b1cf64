// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio;

import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Audio files: WAV and FLAC, told apart by their content. What a file claims about itself is never believed. */
public final class AudioFile {
    /** Sampling rates that are believed, in Hz: telephones have 8000, measuring instruments 768,000. */
    private static final int MIN_RATE = 1000;
    private static final int MAX_RATE = 768_000;

    /** The header of an ID3 tag, which ends in the tag's size, 7 bits to a byte; and of the footer that it may announce. */
    private static final int ID3_BYTES = 10;
    private static final int ID3_FOOTER = 0x10;

    private AudioFile() {}

    /**
     * Opens a WAV file (RIFF, RIFX or RF64; PCM of 1 to 64 bits, float32, float64) or FLAC file of any number of channels,
     * which are averaged. Either may stand behind ID3 tags. Memory needed does not depend on the file's length.
     *
     * @throws IOException if it is not such a file or its header is damaged, with a message that names it; damage further
     *     on is reported by {@link AudioStream#read}
     */
    public static AudioStream open(Path path) throws IOException {
        return open(FileBytes.open(path));
    }

    /**
     * As {@link #open(Path)}, from any storage that can be read at any place.
     *
     * @param name for messages
     * @param channel at its start; closed with the stream, or if there is none
     */
    public static AudioStream open(String name, SeekableByteChannel channel) throws IOException {
        return open(new FileBytes(name, Channels.newInputStream(channel), channel.size() - channel.position()));
    }

    /** Takes over {@code file}. */
    static AudioStream open(FileBytes file) throws IOException {
        try {
            boolean tagged = skipTags(file);
            byte[] start = file.peek(12);
            String text = new String(start, StandardCharsets.ISO_8859_1);
            if (WavHeader.begins(text)) {
                return new WavStream(file);
            }
            if (text.startsWith("fLaC")) {
                return new FlacStream(file);
            }
            throw file.error(start.length == 0 && !tagged ? "is empty" : "is neither WAV nor FLAC: it begins with "
                    + (tagged ? "an ID3 tag and " : "") + "'" + text.replaceAll("[^ -~]", "?") + "'");
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** Passes over ID3 tags of version 2, which some put before FLAC; whether there were any. */
    private static boolean skipTags(FileBytes file) throws IOException {
        boolean found = false;
        while (true) {
            byte[] head = file.peek(ID3_BYTES);
            int sizes = 0;
            for (int i = 6; i < head.length; i++) {
                sizes |= head[i];
            }
            if (head.length < ID3_BYTES || head[0] != 'I' || head[1] != 'D' || head[2] != '3' || sizes < 0) {
                return found;
            }
            long size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9];
            boolean footer = (head[5] & ID3_FOOTER) != 0;
            file.skip(ID3_BYTES + size + (footer ? ID3_BYTES : 0), "an ID3 tag");
            found = true;
        }
    }

    /**
     * Reads a whole file.
     *
     * @param sampleRate wanted, in Hz; a file of another rate is resampled, which the result tells
     * @throws IOException if the file is damaged, holds no samples, or holds more than fit the JVM's memory
     */
    public static Audio read(Path path, int sampleRate) throws IOException {
        try (AudioStream source = open(path)) {
            return read(path.toString(), Files.size(path), source, sampleRate);
        }
    }

    /** As {@link #read(Path, int)}, from a {@linkplain #open(String, SeekableByteChannel) channel}, which it closes. */
    public static Audio read(String name, SeekableByteChannel channel, int sampleRate) throws IOException {
        long bytes = channel.size();
        try (AudioStream source = open(name, channel)) {
            return read(name, bytes, source, sampleRate);
        }
    }

    private static Audio read(String path, long bytes, AudioStream source, int sampleRate) throws IOException {
        try (AudioStream stream = source.resampledTo(sampleRate)) {
            // The most that a file could hold without being unusual; a header that promises more has to deliver first.
            long credible = Math.max(1 << 16, 8 * bytes);
            long expected = stream.length() < 0 ? credible : stream.length();
            requireMemory(path, expected);
            float[] samples = new float[(int) Math.min(expected, credible)];
            int count = 0;
            while (true) {
                if (count == samples.length) {
                    if (count == stream.length()) {
                        break;
                    }
                    long larger = count + (count >> 1) + 1L;
                    long capacity = stream.length() < 0 ? larger : Math.min(larger, stream.length());
                    requireMemory(path, capacity);
                    samples = Arrays.copyOf(samples, (int) capacity);
                }
                int read = stream.read(samples, count, samples.length - count);
                if (read < 0) {
                    break;
                }
                count += read;
            }
            if (count == 0) {
                throw new IOException(path + ": holds no samples");
            }
            float[] exact = count == samples.length ? samples : Arrays.copyOf(samples, count);
            return new Audio(exact, sampleRate, source.sampleRate(), source.note());
        }
    }

    static void checkRate(FileBytes file, long rate) throws IOException {
        if (rate < MIN_RATE || rate > MAX_RATE) {
            throw file.error("has a sampling rate of " + rate + " Hz, expected " + MIN_RATE + " to " + MAX_RATE);
        }
    }

    private static void requireMemory(String path, long samples) throws IOException {
        long memory = Runtime.getRuntime().maxMemory();
        if (samples > memory / Float.BYTES || samples > Integer.MAX_VALUE - 8) {
            throw new IOException(path + ": " + samples + " samples do not fit the JVM's memory of " + (memory >> 20)
                    + " MiB");
        }
    }
}
