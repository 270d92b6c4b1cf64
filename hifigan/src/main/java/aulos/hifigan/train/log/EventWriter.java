// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train.log;

import aulos.hifigan.io.Protobuf;
import java.awt.image.BufferedImage;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import javax.sound.sampled.AudioFileFormat;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;

/**
 * Appends to a TensorBoard event file: records ({@link RecordStream}) that each hold one {@code Event} of
 * <a href="https://github.com/tensorflow/tensorboard/blob/master/tensorboard/compat/proto/event.proto">event.proto</a>
 * with a {@code Summary} of summary.proto beside it. Field numbers are those of these two files. One thread at a time;
 * what was written is on the disk after {@link #flush}.
 */
public final class EventWriter implements AutoCloseable {
    private static final int SESSION_START = 1;
    private static final int GREY = 1;
    private static final int RGB = 3;
    private static final int RGBA = 4;
    private static final int PCM_MAX = Short.MAX_VALUE;

    private final Path file;
    private final RecordStream records;

    /**
     * Starts a new file {@code events.out.tfevents.<seconds>.<host>.<process>.<n>} in a folder, which is made if need be;
     * TensorBoard reads all such files of a folder as one run.
     *
     * @throws IOException if the folder cannot be made or written to, naming it
     */
    public EventWriter(Path folder) throws IOException {
        Files.createDirectories(folder);
        String prefix = String.join(".", "events.out.tfevents", Long.toString(System.currentTimeMillis() / 1000), host(),
                Long.toString(ProcessHandle.current().pid()), "");
        Path free = null;
        OutputStream out = null;
        for (int n = 0; out == null; n++) {
            free = folder.resolve(prefix + n);
            try {
                out = Files.newOutputStream(free, StandardOpenOption.CREATE_NEW);
            } catch (FileAlreadyExistsException _) {
                // Another run of this second in this process: the next number.
            }
        }
        file = free;
        records = new RecordStream(new BufferedOutputStream(out));
        write(event().text(3, "brain.Event:2"));
        flush();
    }

    /**
     * Tells TensorBoard that what earlier files of the folder say of {@code step} and later ones is void: a run goes on
     * from before them.
     */
    public void restart(long step) throws IOException {
        write(event().integer(2, step).message(7, new Protobuf().integer(1, SESSION_START)));
        flush();
    }

    private static String host() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }

    /** The file that is written to. */
    public Path file() {
        return file;
    }

    /** Adds a point to the curve {@code tag}; stored in float32. NaN and infinity are allowed, and shown as such. */
    public void scalar(String tag, long step, double value) throws IOException {
        summary(step, new Protobuf().text(1, tag).fixed32(2, (float) value));
    }

    /**
     * Adds mono audio, stored as a WAV file of 16 bits.
     *
     * @param samples full scale ±1, beyond which they are clipped
     * @param sampleRate in Hz
     * @throws IllegalArgumentException if a sample is not finite
     */
    public void audio(String tag, long step, float[] samples, int sampleRate) throws IOException {
        byte[] pcm = new byte[2 * samples.length];
        for (int i = 0; i < samples.length; i++) {
            if (!Float.isFinite(samples[i])) {
                throw new IllegalArgumentException("event audio " + tag + ": sample " + i + " is " + samples[i]
                        + ", expected a finite value");
            }
            int value = (int) Math.clamp(Math.rint(samples[i] * (PCM_MAX + 1.0)), -PCM_MAX, PCM_MAX);
            pcm[2 * i] = (byte) value;
            pcm[2 * i + 1] = (byte) (value >> Byte.SIZE);
        }
        AudioFormat format = new AudioFormat(sampleRate, Short.SIZE, 1, true, false);
        ByteArrayOutputStream wav = new ByteArrayOutputStream();
        AudioSystem.write(new AudioInputStream(new ByteArrayInputStream(pcm), format, samples.length),
                AudioFileFormat.Type.WAVE, wav);
        Protobuf audio = new Protobuf().fixed32(1, sampleRate).integer(2, 1).integer(3, samples.length)
                .bytes(4, wav.toByteArray()).text(5, "audio/wav");
        summary(step, new Protobuf().text(1, tag).message(6, audio));
    }

    /** Adds an image, stored as PNG. */
    public void image(String tag, long step, BufferedImage image) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (MemoryCacheImageOutputStream png = new MemoryCacheImageOutputStream(bytes)) {
            ImageIO.write(image, "png", png);
        }
        int colours = image.getColorModel().hasAlpha() ? RGBA
                : image.getColorModel().getNumColorComponents() == 1 ? GREY : RGB;
        Protobuf picture = new Protobuf().integer(1, image.getHeight()).integer(2, image.getWidth())
                .integer(3, colours).bytes(4, bytes.toByteArray());
        summary(step, new Protobuf().text(1, tag).message(4, picture));
    }

    private void summary(long step, Protobuf value) throws IOException {
        write(event().integer(2, step).message(5, new Protobuf().message(1, value)));
    }

    private static Protobuf event() {
        return new Protobuf().fixed64(1, System.currentTimeMillis() / 1e3);
    }

    private void write(Protobuf event) throws IOException {
        try {
            records.write(event.toBytes());
        } catch (IOException e) {
            throw named(e);
        }
    }

    public void flush() throws IOException {
        try {
            records.flush();
        } catch (IOException e) {
            throw named(e);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            records.close();
        } catch (IOException e) {
            throw named(e);
        }
    }

    /** The system's own message, of a full disk for instance, does not say which file. */
    private IOException named(IOException e) {
        return new IOException(file + ": cannot be written: " + e.getMessage(), e);
    }
}
