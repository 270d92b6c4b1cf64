// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import aulos.engine.NdArray;
import aulos.engine.Shape;
import aulos.hifigan.model.HifiGanConfig;
import aulos.hifigan.model.MelConfig;
import aulos.hifigan.model.MelSpectrogram;
import aulos.hifigan.model.Plausibility;
import aulos.hifigan.train.ranks.Ranks;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Cuts batches of random segments out of clips. Which batch holds what depends on seed, epoch and index alone, whatever
 * was asked for before. In the place of a broken clip stands the next one in the epoch's order. For any threads.
 */
final class Segments {
    /** The log-mel of silence. */
    private static final float SILENCE = (float) Math.log(1e-5);

    private final MelConfig mel;
    private final int segment;
    private final int frames;
    private final int batchSize;
    private final long seed;
    private final List<Clip> clips;
    private final ClipProblems problems;
    private final int first;
    private final int rows;
    private final Map<Long, int[]> orders = new ConcurrentHashMap<>();

    /** @throws IOException if there are fewer clips than one batch needs */
    Segments(HifiGanConfig config, int batchSize, List<Clip> clips, ClipProblems problems) throws IOException {
        this(config, batchSize, clips, problems, Ranks.ALONE);
    }

    /**
     * Reads of each batch the part of this rank alone.
     *
     * @throws IOException if there are fewer clips than one batch needs
     */
    Segments(HifiGanConfig config, int batchSize, List<Clip> clips, ClipProblems problems, Ranks ranks)
            throws IOException {
        if (clips.size() < batchSize) {
            throw new IOException("the training list names " + clips.size() + " clips, expected at least batch_size, "
                    + "which is " + batchSize);
        }
        this.mel = config.mel();
        this.frames = config.training().segmentFrames(mel);
        this.segment = Math.multiplyExact(frames, mel.hopSize());
        this.batchSize = batchSize;
        this.seed = config.training().seed();
        this.clips = List.copyOf(clips);
        this.problems = problems;
        this.rows = batchSize / ranks.count();
        this.first = ranks.rank() * rows;
    }

    /** Complete batches in an epoch; the clips that are left over stand elsewhere in the next epoch's order. */
    int batchesPerEpoch() {
        return clips.size() / batchSize;
    }

    /**
     * Reads, crops and computes mels.
     *
     * @param index in 0…{@link #batchesPerEpoch} − 1
     * @throws IOException if more than 1% of the clips are broken
     */
    Batch batch(long epoch, int index, MelSpectrogram spectrogram) throws IOException {
        orders.keySet().removeIf(old -> old < epoch - 1);
        int[] order = orders.computeIfAbsent(epoch, e -> Randomness.order(seed, e, clips.size()));
        float[] audio = new float[rows * segment];
        float[] mels = new float[rows * mel.mels() * frames];
        for (int i = 0; i < rows; i++) {
            int slot = index * batchSize + first + i;
            int clip = order[slot];
            for (int next = 1; !cut(epoch, clip, audio, mels, i, spectrogram); next++) {
                if (next == order.length) {
                    throw new IOException("all " + clips.size() + " clips are broken");
                }
                clip = order[(slot + next) % order.length];
            }
        }
        return new Batch(NdArray.of(Shape.of(rows, mel.mels(), frames), mels),
                NdArray.of(Shape.of(rows, 1, segment), audio));
    }

    /** Fills place {@code i} of a batch; false if the clip is broken. */
    private boolean cut(long epoch, int index, float[] audio, float[] mels, int i, MelSpectrogram spectrogram)
            throws IOException {
        Clip clip = clips.get(index);
        if (problems.isBroken(clip)) {
            return false;
        }
        Utterance utterance;
        try {
            utterance = Utterance.read(clip, mel);
        } catch (IOException e) {
            problems.broken(clip, e);
            return false;
        }
        problems.noted(clip, utterance.note());
        if (utterance.mel() == null) {
            int start = Randomness.start(seed, epoch, index, Math.max(0, utterance.samples().length - segment));
            float[] crop = copy(utterance.samples(), start);
            System.arraycopy(crop, 0, audio, i * segment, segment);
            float[] computed = spectrogram.ofClip(crop).floats();
            System.arraycopy(computed, 0, mels, i * computed.length, computed.length);
        } else {
            Plausibility.ofMel(utterance.mel()).ifPresent(doubt -> problems.doubtful(clip.mel(), doubt));
            Plausibility.ofAudio(utterance.samples()).ifPresent(doubt -> problems.doubtful(clip.audio(), doubt));
            int clipFrames = utterance.mel().shape().dim(1);
            int start = Randomness.start(seed, epoch, index, Math.max(0, clipFrames - frames));
            System.arraycopy(copy(utterance.samples(), start * mel.hopSize()), 0, audio, i * segment, segment);
            columns(utterance.mel(), start, mels, i * mel.mels() * frames);
        }
        return true;
    }

    /** One segment from {@code start} on, with zeros where the clip has ended. */
    private float[] copy(float[] samples, int start) {
        int from = Math.min(start, samples.length);
        return Arrays.copyOf(Arrays.copyOfRange(samples, from, Math.min(samples.length, from + segment)), segment);
    }

    private void columns(NdArray whole, int start, float[] target, int offset) {
        int width = whole.shape().dim(1);
        int count = Math.min(frames, width - start);
        float[] values = whole.floats();
        for (int band = 0; band < mel.mels(); band++) {
            int row = offset + band * frames;
            System.arraycopy(values, band * width + start, target, row, count);
            Arrays.fill(target, row + count, row + frames, SILENCE);
        }
    }
}
