// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import aulos.engine.Backend;
import aulos.engine.NdArray;
import aulos.hifigan.model.HifiGanConfig;
import aulos.hifigan.model.MelSpectrogram;
import aulos.hifigan.train.ranks.Ranks;
import aulos.hifigan.vocode.Vocoder;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The mel error over whole utterances, one at a time: mean over the clips of mean|φ(y) − φ(ŷ)|. */
final class Validation implements AutoCloseable {
    /** Takes the samples of the first clips. */
    @FunctionalInterface
    interface Listener {
        /** @param index of the clip in the list */
        void heard(int index, float[] real, float[] generated) throws IOException;
    }

    private final HifiGanConfig config;
    private final List<Clip> clips;
    private final ClipProblems problems;
    private final Backend backend;
    private final ClipShares shares;
    private final MelSpectrogram inputMel;
    private final MelSpectrogram lossMel;

    /** @param ranks share the clips */
    Validation(HifiGanConfig config, List<Clip> clips, ClipProblems problems, Backend backend, Ranks ranks) {
        this.config = config;
        this.clips = clips;
        this.problems = problems;
        this.backend = backend;
        this.shares = new ClipShares(ranks, clips, problems);
        this.inputMel = new MelSpectrogram(config.mel(), backend);
        this.lossMel = new MelSpectrogram(config.mel(), config.training().fmaxForLoss(), backend);
    }

    /**
     * All ranks call it with the same generator; rank 0's listener hears the first clips.
     *
     * @param generator its state dict
     * @throws IOException if more than 1% of the clips are broken
     */
    double error(Map<String, NdArray> generator, Listener listener) throws IOException {
        double[] errors = new double[clips.size()];
        boolean[] known = new boolean[clips.size()];
        try (Vocoder vocoder = new Vocoder(config, generator, backend)) {
            for (int i = 0; i < clips.size(); i++) {
                Clip clip = clips.get(i);
                if (!shares.isMine(i) || problems.isBroken(clip)) {
                    continue;
                }
                Utterance utterance;
                try {
                    utterance = Utterance.read(clip, config.mel());
                } catch (IOException e) {
                    problems.broken(clip, e);
                    continue;
                }
                problems.noted(clip, utterance.note());
                float[] real = atLeast(inputMel.minimumSamples(), utterance.samples());
                NdArray mel = utterance.mel() != null ? utterance.mel() : inputMel.ofClip(real);
                float[] generated = vocode(vocoder, mel);
                errors[i] = distance(lossMel.ofClip(real), lossMel.ofClip(atLeast(lossMel.minimumSamples(), generated)));
                known[i] = true;
                listener.heard(i, real, generated);
            }
        }
        return shares.mean(errors, known);
    }

    NdArray mel(float[] samples) {
        return inputMel.ofClip(atLeast(inputMel.minimumSamples(), samples));
    }

    private float[] vocode(Vocoder vocoder, NdArray mel) throws IOException {
        float[] audio = new float[config.samples(mel.shape().dim(1))];
        int[] filled = new int[1];
        vocoder.vocode(mel, (samples, offset, length) -> {
            System.arraycopy(samples, offset, audio, filled[0], length);
            filled[0] += length;
        });
        return audio;
    }

    private static float[] atLeast(int length, float[] samples) {
        return samples.length >= length ? samples : Arrays.copyOf(samples, length);
    }

    /** mean|a − b| over the frames that both have: a mel to fine-tune on may differ from the audio by some. */
    static double distance(NdArray a, NdArray b) {
        int bands = a.shape().dim(0);
        int frames = Math.min(a.shape().dim(1), b.shape().dim(1));
        double sum = 0;
        for (int band = 0; band < bands; band++) {
            for (int frame = 0; frame < frames; frame++) {
                sum += Math.abs(a.get(band * a.shape().dim(1) + frame) - b.get(band * b.shape().dim(1) + frame));
            }
        }
        return sum / ((double) bands * frames);
    }

    @Override
    public void close() {
        inputMel.close();
        lossMel.close();
    }
}
