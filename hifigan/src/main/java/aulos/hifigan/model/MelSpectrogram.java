// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.model;

import aulos.engine.Backend;
import aulos.engine.NdArray;
import aulos.engine.Scope;
import aulos.engine.Shape;
import aulos.engine.Tape;
import aulos.engine.Tensor;
import aulos.hifigan.audio.MelFilterBank;

/**
 * The log-mel spectrogram φ of the official code's {@code mel_spectrogram}: reflect-pad by (n_fft − hop)/2, frames under a
 * periodic Hann window, magnitude √(re² + im² + 1e-9), Slaney mel filters, ln(max(·, 1e-5)). In tensor operations, so the
 * mel loss back-propagates through it.
 */
public final class MelSpectrogram implements AutoCloseable {
    private static final double MAGNITUDE_FLOOR = 1e-9;
    private static final double MEL_FLOOR = 1e-5;
    /** Frames of a long clip that are computed at a time. */
    private static final int CHUNK = 512;

    private final MelConfig config;
    private final Backend backend;
    private final Scope constants = Scope.unattached();
    private final Tensor filters;

    /** With the upper edge that the configuration's {@code fmax} gives: the generator's input. */
    public MelSpectrogram(MelConfig config, Backend backend) {
        this(config, config.fmax(), backend);
    }

    /**
     * With another upper edge, in Hz: the loss uses {@code fmax_for_loss}.
     *
     * @throws IllegalArgumentException if there is no such spectrogram: {@link MelConfig#requireAnalysis}
     */
    public MelSpectrogram(MelConfig config, double fmax, Backend backend) {
        config.requireAnalysis();
        this.config = config;
        this.backend = backend;
        NdArray bank = MelFilterBank.slaney(
                config.samplingRate(), config.fftSize(), config.mels(), config.fmin(), fmax);
        try (Scope scope = Scope.open()) {
            filters = constants.adopt(Tensor.of(backend, bank).named("mel_filters"));
        }
    }

    /** Samples that reflection adds on each side. */
    private int padding() {
        return (config.fftSize() - config.hopSize()) / 2;
    }

    /** The shortest clip that has a spectrogram, in samples. */
    public int minimumSamples() {
        return Math.max(padding() + 1, config.fftSize() - 2 * padding());
    }

    /** How many frames a clip has: ⌊samples/hop⌋, as n_fft − hop is even in all usual configurations. */
    public long frames(long samples) {
        return (samples + 2L * padding() - config.fftSize()) / config.hopSize() + 1;
    }

    /**
     * @param audio [B, T], in [−1, 1]
     * @return [B, mels, frames], natural logarithm
     * @throws IllegalArgumentException if the audio is shorter than {@link #minimumSamples}
     */
    public Tensor forward(Tensor audio) {
        requireLength(audio.shape().dim(-1));
        return Tape.labelled("mel", () -> Scope.run(() -> ofPadded(audio.reflectPad(padding(), padding()))));
    }

    private Tensor ofPadded(Tensor audio) {
        int bins = config.fftSize() / 2 + 1;
        Tensor spectrum = audio.frame(config.fftSize(), config.hopSize()).realDft(config.windowSize());
        Tensor power = spectrum.slice(-1, 0, bins).square().add(spectrum.slice(-1, bins, 2 * bins).square());
        Tensor magnitude = power.add(MAGNITUDE_FLOOR).sqrt();
        int batch = audio.shape().dim(0);
        int frames = magnitude.shape().dim(1);
        Tensor mels = magnitude.reshape(batch * frames, bins).matmul(filters, false, true);
        return mels.reshape(batch, frames, config.mels()).permute(0, 2, 1).clampMin(MEL_FLOOR).log();
    }

    /**
     * The spectrogram of a clip of any length, in bounded memory beside the result; the same values as {@link #forward}.
     *
     * @param samples in [−1, 1]
     * @return [mels, frames]
     * @throws IllegalArgumentException if the clip is shorter than {@link #minimumSamples}
     */
    public NdArray ofClip(float[] samples) {
        requireLength(samples.length);
        return ofPart(new Part(samples, 0, samples.length), 0, Math.toIntExact(frames(samples.length)));
    }

    /**
     * A part of a clip.
     *
     * @param samples those of the clip from {@code offset} on
     * @param total samples of the whole clip
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Part(float[] samples, long offset, long total) {
        /** A sample of the reflect-padded clip. */
        private float at(long index) {
            long at = Math.abs(index);
            return samples[(int) ((at < total ? at : 2 * (total - 1) - at) - offset)];
        }
    }

    /** Where the samples begin that {@link #ofPart} needs for frames from {@code first} on. */
    public long partBegin(long first) {
        return Math.max(0, first / CHUNK * CHUNK * config.hopSize() - padding());
    }

    /** Where the samples end that {@link #ofPart} needs for frames before {@code end} of a clip of {@code total} samples. */
    public long partEnd(long end, long total) {
        long chunks = Math.min(frames(total), Math.ceilDiv(end, CHUNK) * CHUNK);
        return Math.min(total, (chunks - 1) * config.hopSize() - padding() + config.fftSize());
    }

    /**
     * Some frames of a clip that need not be in memory as a whole: bit for bit those columns of {@link #ofClip}, because
     * it computes the same chunks.
     *
     * @param part has the samples from {@link #partBegin} to {@link #partEnd}
     * @return [mels, count], of the frames from {@code first} on
     * @throws IllegalArgumentException if the clip is shorter than {@link #minimumSamples}
     */
    public NdArray ofPart(Part part, long first, int count) {
        requireLength(part.total());
        long frames = frames(part.total());
        float[] mels = new float[Math.multiplyExact(config.mels(), count)];
        for (long start = first / CHUNK * CHUNK; start < first + count; start += CHUNK) {
            int computed = (int) Math.min(CHUNK, frames - start);
            float[] chunk = paddedChunk(part, start, computed);
            try (Scope scope = Scope.open()) {
                Tensor audio = Tensor.of(backend, NdArray.of(Shape.of(1, chunk.length), chunk));
                float[] columns = ofPadded(audio).toArray().floats();
                int from = (int) Math.max(0, first - start);
                int to = (int) Math.min(computed, first + count - start);
                for (int band = 0; band < config.mels(); band++) {
                    System.arraycopy(columns, band * computed + from, mels, (int) (band * count + start + from - first),
                            to - from);
                }
            }
        }
        return NdArray.of(Shape.of(config.mels(), count), mels);
    }

    /** What {@code count} frames from {@code first} on read of the reflect-padded clip. */
    private float[] paddedChunk(Part part, long first, int count) {
        float[] chunk = new float[(count - 1) * config.hopSize() + config.fftSize()];
        long start = first * config.hopSize() - padding();
        for (int i = 0; i < chunk.length; i++) {
            chunk[i] = part.at(start + i);
        }
        return chunk;
    }

    /** @throws IllegalArgumentException if a clip is shorter than {@link #minimumSamples} */
    public void requireLength(long samples) {
        if (samples < minimumSamples()) {
            throw new IllegalArgumentException("mel: a clip of " + samples + " samples is too short, expected at least "
                    + minimumSamples() + " for n_fft " + config.fftSize() + " and hop_size " + config.hopSize());
        }
    }

    /** Frees the filters. */
    @Override
    public void close() {
        constants.close();
    }
}
