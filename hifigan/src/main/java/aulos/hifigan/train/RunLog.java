// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import aulos.hifigan.train.log.EventWriter;
import aulos.hifigan.train.log.LoggedTags;
import aulos.hifigan.train.log.SpectrogramImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What a run leaves to look at: TensorBoard events in {@code logs/} under the official tags, table and curves. */
final class RunLog implements AutoCloseable {
    /** The official code logs the first five validation clips. */
    static final int CLIPS_HEARD = 5;

    private final EventWriter events;
    private final History history;
    private final int sampleRate;
    private final List<Heard> heard = new ArrayList<>();
    private final Path logs;
    private Set<String> there = Set.of();
    private boolean realHeard;

    @SuppressWarnings("ArrayRecordComponent")
    private record Heard(int clip, float[] real, float[] generated) {}

    /** @param firstStep that this session will make */
    RunLog(Path folder, long firstStep, int sampleRate) throws IOException {
        this.history = new History(folder, firstStep);
        this.logs = folder.resolve("logs");
        this.events = new EventWriter(logs);
        this.sampleRate = sampleRate;
        this.realHeard = history.rows().stream().anyMatch(row -> !Double.isNaN(row.validation()));
        events.restart(firstStep);
    }

    /** Adds to the table, in memory. */
    void row(long step, StepLosses losses) {
        history.add(step, losses);
    }

    void losses(long step, StepLosses losses, double learningRate) throws IOException {
        events.scalar("training/gen_loss_total", step, losses.generatorTotal());
        events.scalar("training/mel_spec_error", step, losses.melError());
        events.scalar("training/disc_loss_total", step, losses.discriminatorTotal());
        events.scalar("training/feature_matching", step, losses.featureMpd() + losses.featureMsd());
        if (losses.stft() > 0) {
            events.scalar("training/stft_loss", step, losses.stft());
        }
        events.scalar("training/learning_rate", step, learningRate);
        for (int i = 0; i < losses.discriminatorMpd().size(); i++) {
            events.scalar("training/disc_mpd_" + i, step, losses.discriminatorMpd().get(i));
        }
        for (int i = 0; i < losses.discriminatorMsd().size(); i++) {
            events.scalar("training/disc_msd_" + i, step, losses.discriminatorMsd().get(i));
        }
        events.flush();
    }

    /** Keeps the first clips until {@link #validated}: of a validation that fails nothing is logged. */
    void heard(int clip, float[] real, float[] generated) {
        if (clip < CLIPS_HEARD) {
            heard.add(new Heard(clip, real, generated));
        }
    }

    /** Whether the validation after that step is in the table. */
    boolean isValidated(long step) {
        return history.rows().stream().anyMatch(row -> row.step() == step && !Double.isNaN(row.validation()));
    }

    /**
     * The validation after a step is about to be made up. The session that made the step may have been killed between its
     * events and the table: what it has logged is not logged again.
     */
    void makesUp(long step) throws IOException {
        there = LoggedTags.at(logs, step);
    }

    /** @param averageError of the moving average of the weights; NaN if there is none */
    void validated(long step, double melError, double averageError, Validation validation) throws IOException {
        history.addValidation(step, melError);
        for (Heard clip : heard) {
            if (!realHeard) {
                sound("gt/y", clip.clip, step, clip.real, validation);
            }
            sound("generated/y_hat", clip.clip, step, clip.generated, validation);
        }
        heard.clear();
        realHeard = true;
        validationScalar("validation/mel_spec_error", step, melError);
        if (!Double.isNaN(averageError)) {
            validationScalar("validation/mel_spec_error_ema", step, averageError);
        }
        events.flush();
        history.write();
        there = Set.of();
    }

    private void sound(String tag, int clip, long step, float[] samples, Validation validation) throws IOException {
        String audio = tag + "_" + clip;
        if (!there.contains(audio)) {
            events.audio(audio, step, samples, sampleRate);
        }
        String image = tag + "_spec_" + clip;
        if (!there.contains(image)) {
            events.image(image, step, SpectrogramImage.of(validation.mel(samples)));
        }
    }

    private void validationScalar(String tag, long step, double value) throws IOException {
        if (!there.contains(tag)) {
            events.scalar(tag, step, value);
        }
    }

    /** Puts all rows on the disk: a checkpoint is about to make their steps unrepeatable. */
    void settle() throws IOException {
        history.writeTable();
    }

    @Override
    public void close() throws IOException {
        history.write();
        events.close();
    }
}
