// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.serve;

import aulos.engine.NdArray;
import aulos.engine.io.Container;
import aulos.engine.io.Npy;
import aulos.hifigan.audio.AudioFile;
import aulos.hifigan.audio.AudioStream;
import aulos.hifigan.model.MelConfig;
import aulos.hifigan.model.MelSpectrogram;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Supplier;

/** What a client sent, of bounded size whatever the file claims: samples, or a mel spectrogram. */
sealed interface Clip {
    /** Room for a .npy file's header. */
    int HEADER_BYTES = 1 << 16;

    /**
     * Mono audio at the voice's sampling rate.
     *
     * @param note what is wrong with the file and was put up with, or null
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Sound(float[] samples, String note) implements Clip {}

    /** Log-mels. */
    record Mel(NdArray values) implements Clip {}

    /** At most the first {@code samples} of a sound. */
    default Clip first(int samples) {
        return switch (this) {
            case Sound sound when sound.samples.length > samples -> new Sound(Arrays.copyOf(sound.samples, samples), sound.note);
            case Sound _, Mel _ -> this;
        };
    }

    /** The spectrogram; to be called on the device's thread. */
    default NdArray mel(Supplier<MelSpectrogram> spectrogram) {
        return switch (this) {
            case Sound sound -> spectrogram.get().ofClip(sound.samples);
            case Mel mel -> mel.values;
        };
    }

    /**
     * Reads a WAV, FLAC or .npy file.
     *
     * @throws Refusal if it is none of these, is damaged, or lasts longer than {@code maxSeconds}
     * @throws ServerFault if it is not as it was received
     */
    static Clip read(Upload upload, MelConfig config, int maxSeconds) throws Refusal, ServerFault {
        Path file = upload.file();
        try {
            return switch (Container.of(file)) {
                case NPY -> mel(upload, config, maxSeconds);
                case NPZ -> throw new Refusal(Refusal.UNSUPPORTED_TYPE,
                        "the body is a NumPy .npz archive, expected one array as a .npy file");
                case ZIP, LEGACY, SAFETENSORS -> throw new Refusal(Refusal.UNSUPPORTED_TYPE,
                        "the body is a checkpoint or another file of PyTorch, expected a WAV, FLAC or .npy file");
                case UNKNOWN -> sound(file, config.samplingRate(), maxSeconds);
            };
        } catch (IOException e) {
            upload.requireWhole();
            // The readers' messages begin with the file's name, which is ours.
            String message = String.valueOf(e.getMessage()).replace(file + ": ", "");
            if (message.startsWith("is neither WAV nor FLAC: it begins with '--")) {
                throw new Refusal(Refusal.UNSUPPORTED_TYPE, "the body is a form (multipart/form-data), expected the file "
                        + "itself as the body, as 'curl --data-binary @speech.wav' sends it");
            }
            throw new Refusal(message.startsWith("is neither WAV nor FLAC") ? Refusal.UNSUPPORTED_TYPE
                    : Refusal.BAD_REQUEST, "the body " + message);
        }
    }

    private static Mel mel(Upload upload, MelConfig config, int maxSeconds) throws IOException, Refusal {
        long maxFrames = (long) maxSeconds * config.samplingRate() / config.hopSize();
        // Before any of it is read: its values take up to twice their size in the file.
        if (upload.size() > maxFrames * config.mels() * Double.BYTES + HEADER_BYTES) {
            throw tooLong(maxSeconds);
        }
        NdArray values = Npy.read(upload.file());
        if (values.shape().size() == 0) {
            throw new Refusal(Refusal.BAD_REQUEST, "the body is an array without values");
        }
        if (values.shape().rank() >= 2 && values.shape().dim(-1) > maxFrames) {
            throw tooLong(maxSeconds);
        }
        return new Mel(values);
    }

    private static Sound sound(Path file, int rate, int maxSeconds) throws IOException, Refusal {
        try (AudioStream source = AudioFile.open(file)) {
            long most = (long) maxSeconds * rate;
            AudioStream stream = source.resampledTo(rate);
            if (stream.length() > most) {
                throw tooLong(maxSeconds);
            }
            float[] samples = new float[stream.length() < 0 ? rate : (int) stream.length()];
            int count = 0;
            for (int read = 0; read >= 0; count += Math.max(read, 0)) {
                if (count == samples.length && count == stream.length()) {
                    break;
                }
                if (count == samples.length) {
                    if (count >= most) {
                        throw tooLong(maxSeconds);
                    }
                    samples = Arrays.copyOf(samples, (int) Math.min(2L * count, most));
                }
                read = stream.read(samples, count, samples.length - count);
            }
            return new Sound(count == samples.length ? samples : Arrays.copyOf(samples, count), source.note());
        }
    }

    private static Refusal tooLong(int maxSeconds) {
        return new Refusal(Refusal.TOO_LARGE, "the clip is longer than " + maxSeconds + " s, the most that is taken");
    }
}
