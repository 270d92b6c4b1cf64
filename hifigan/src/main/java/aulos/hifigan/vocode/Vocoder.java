// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.vocode;

import aulos.engine.Backend;
import aulos.engine.NdArray;
import aulos.engine.Scope;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import aulos.engine.nn.WeightForm;
import aulos.engine.nn.Weights;
import aulos.hifigan.model.Generator;
import aulos.hifigan.model.HifiGanConfig;
import aulos.hifigan.model.Plausibility;
import aulos.hifigan.model.WeightNorm;
import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;

/**
 * Turns log-mel spectrograms of any length into audio, chunk by chunk in bounded memory. A chunk is computed with as
 * many frames on both sides as the generator can see, which are then cut off, and begins where the backend's algorithms
 * do, so the result is bit for bit that of one piece.
 */
public final class Vocoder implements AutoCloseable {
    /** Frames per chunk, at most: enough that those computed twice weigh little, few enough for the caches. */
    public static final int DEFAULT_CHUNK = 256;

    /** Takes the audio as it comes: {@code length} samples from {@code offset}, in (−1, 1). */
    public interface Sink {
        void accept(float[] samples, int offset, int length) throws IOException;
    }

    private final HifiGanConfig config;
    private final Backend backend;
    private final int chunk;
    private final Scope model = Scope.unattached();
    private final Generator generator;

    /**
     * @param stateDict of a generator, with weight norm or folded
     * @throws IllegalArgumentException if the weights do not fit the configuration; names the first that does not
     */
    public Vocoder(HifiGanConfig config, Map<String, NdArray> stateDict, Backend backend) {
        this(config, stateDict, backend, DEFAULT_CHUNK);
    }

    /**
     * With chunks of {@code chunk} frames at most, at least 1. The first and the last have fewer neighbours and may be
     * longer by what they lack.
     */
    public Vocoder(HifiGanConfig config, Map<String, NdArray> stateDict, Backend backend, int chunk) {
        if (chunk < 1) {
            throw new IllegalArgumentException("chunk of " + chunk + " frames, expected at least 1");
        }
        this.config = config;
        this.backend = backend;
        this.chunk = chunk;
        Weights weights = Weights.of(backend, model, WeightNorm.fold(config, stateDict));
        this.generator = new Generator(config, weights, WeightForm.PLAIN);
    }

    /**
     * Synthesises all of a mel spectrogram.
     *
     * @param mel [mels, frames] or [1, mels, frames], natural logarithm
     * @param sink is given {@link HifiGanConfig#samples samples(frames)} in all
     * @throws IllegalArgumentException as {@link #requireMel} does
     */
    public void vocode(NdArray mel, Sink sink) throws IOException {
        for (Iterator<float[]> chunks = chunks(mel); chunks.hasNext();) {
            float[] audio = chunks.next();
            sink.accept(audio, 0, audio.length);
        }
    }

    /**
     * As {@link #vocode}, for a caller that sets the pace: each chunk is computed when it is asked for, and nothing is
     * held on the device in between.
     */
    public Iterator<float[]> chunks(NdArray mel) {
        requireMel(mel);
        return new Chunks(mel.floats(), mel.shape().dim(-1));
    }

    /**
     * All windows that are computed are equally long, so that each finds the buffers of the one before; what they hold in
     * common is cut off at the ends that are not the clip's.
     */
    private final class Chunks implements Iterator<float[]> {
        private final float[] mel;
        private final int frames;
        private final Backend.Reach reach = config.reach(backend);
        private final int window;
        private int start;

        Chunks(float[] mel, int frames) {
            this.mel = mel;
            this.frames = frames;
            // A window begins at a multiple of the grid, so up to grid − 1 frames early.
            int common = reach.before() + reach.after() + reach.grid() - 1;
            int rest = Math.max(1, frames - common);
            window = common + Math.ceilDiv(rest, Math.ceilDiv(rest, chunk));
        }

        @Override
        public boolean hasNext() {
            return start < frames;
        }

        @Override
        public float[] next() {
            if (!hasNext()) {
                throw new NoSuchElementException("all " + frames + " frames are vocoded");
            }
            int hop = config.mel().hopSize();
            int from = Math.max(0, start - reach.before()) / reach.grid() * reach.grid();
            int to = Math.min(frames, from + window);
            int end = to == frames ? frames : to - reach.after();
            float[] audio = synthesise(columns(mel, frames, from, to), to - from);
            // A generator may make some samples more than its frames have; at other borders the neighbour has those.
            float[] middle = Arrays.copyOfRange(
                    audio, (start - from) * hop, to == frames ? audio.length : (end - from) * hop);
            start = end;
            return middle;
        }
    }

    private float[] synthesise(float[] mel, int frames) {
        try (Scope scope = Scope.open()) {
            Tensor input = Tensor.of(backend, NdArray.of(Shape.of(1, config.mel().mels(), frames), mel));
            return generator.forward(input).toArray().floats();
        }
    }

    /**
     * Refuses what {@link #vocode} cannot synthesise.
     *
     * @throws IllegalArgumentException if the mel has another shape or is not finite; names the first such place
     */
    public void requireMel(NdArray mel) {
        Shape shape = mel.shape();
        int mels = config.mel().mels();
        boolean fits = (shape.rank() == 2 && shape.dim(0) == mels)
                || (shape.rank() == 3 && shape.dim(0) == 1 && shape.dim(1) == mels);
        if (!fits) {
            throw new IllegalArgumentException("mel has shape " + shape + ", expected [" + mels + ",frames] or [1,"
                    + mels + ",frames]" + (Plausibility.isTransposed(shape, mels) ? ": it is the wrong way round" : ""));
        }
        // As float32, which is what a backend may compute in: 1e300 is infinite there.
        float[] values = mel.floats();
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                int frames = shape.dim(-1);
                throw new IllegalArgumentException("mel is " + mel.get(i) + " at band " + i / frames + ", frame "
                        + i % frames + ", expected finite float32 values");
            }
        }
    }

    /** Columns {@code from} to {@code to} of a [mels, frames] matrix. */
    private static float[] columns(float[] values, int frames, int from, int to) {
        int width = to - from;
        float[] columns = new float[values.length / frames * width];
        for (int row = 0; row < columns.length / width; row++) {
            System.arraycopy(values, row * frames + from, columns, row * width, width);
        }
        return columns;
    }

    /** Frees the weights; the backend stays open. */
    @Override
    public void close() {
        model.close();
    }
}
