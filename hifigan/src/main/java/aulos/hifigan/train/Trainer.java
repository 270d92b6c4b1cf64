// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import aulos.engine.Backend;
import aulos.engine.io.AtomicFile;
import aulos.engine.nn.AdamW;
import aulos.hifigan.loss.StftLoss;
import aulos.hifigan.model.HifiGanConfig;
import aulos.hifigan.train.ranks.Ranks;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A training run: the official loop, from the newest checkpoint in its folder on if there is one. Steps are numbered
 * from 0 as in the official code, so the checkpoint of step n comes after n + 1 steps.
 */
public final class Trainer {
    /** How a session ended. */
    public enum Outcome {
        /** All steps were made. */
        FINISHED,
        /** {@link Monitor#stopRequested} said so; the checkpoint of the last step is written. */
        INTERRUPTED
    }

    private final HifiGanConfig config;
    private final TrainingOptions options;
    private final Ending ending;
    private final TimeLimit limit;
    private final List<Backend> backends;
    private final Ranks ranks;
    private final Monitor monitor;
    private final List<Clip> clips;
    private final List<Clip> validationClips;
    private final ClipProblems problems;
    private final ClipProblems validationProblems;
    private final Segments segments;
    private volatile boolean checked;
    private final EpochPlan plan;

    /**
     * Reads the lists, and looks at all clips.
     *
     * @param config its batch size and seed count
     * @param backends share each batch; each is used by one thread at a time, the first by the one that trains; not closed
     * @throws IOException if a list cannot be read or is too short, or more than 1% of its clips are broken
     * @throws IllegalArgumentException if the configuration cannot be trained, the batch does not divide among the
     *     backends, or segments are too short for the STFT loss
     */
    public Trainer(HifiGanConfig config, TrainingOptions options, List<Backend> backends, Monitor monitor)
            throws IOException {
        this(config, options, Ending.USUAL, backends, Ranks.ALONE, monitor);
    }

    /**
     * As above, with a limit of time, or as one of several ranks.
     *
     * @param ranks share each batch too; with several, each has one backend; not closed
     */
    public Trainer(HifiGanConfig config, TrainingOptions options, Ending ending, List<Backend> backends, Ranks ranks,
            Monitor monitor) throws IOException {
        config.requireTrainable();
        if (ranks.count() > 1) {
            requireShared(config, backends, ranks);
        }
        if (config.training().batchSize() % backends.size() != 0) {
            throw new IllegalArgumentException("batch_size is " + config.training().batchSize()
                    + ", expected a multiple of " + backends.size() + ", the number of devices that share it");
        }
        int segment = config.training().segmentFrames(config.mel()) * config.mel().hopSize();
        if (options.stftWeight() > 0 && segment < StftLoss.MINIMUM_SAMPLES) {
            throw new IllegalArgumentException("segment_size is " + config.training().segmentSize()
                    + ", expected at least " + StftLoss.MINIMUM_SAMPLES + " for the STFT loss");
        }
        this.config = config;
        this.options = options;
        this.ending = ending;
        limit = new TimeLimit(ending.minutes(), System::nanoTime);
        this.backends = List.copyOf(backends);
        this.ranks = ranks;
        this.monitor = ranks.isFirst() ? monitor : new QuietMonitor(monitor);
        TrainingOptions.Data files = options.data();
        clips = ClipList.read(files.trainList(), files.wavs(), files.mels());
        validationClips = ClipList.read(files.validList(), files.wavs(), files.mels());
        problems = new ClipProblems("training clips", clips.size(), this::sayOfClip);
        validationProblems = new ClipProblems("validation clips", validationClips.size(), this::sayOfClip);
        ClipCheck.check(clips, config.mel(), problems);
        ClipCheck.check(validationClips, config.mel(), validationProblems);
        checked = true;
        segments = new Segments(config, config.training().batchSize(), clips, problems, ranks);
        plan = EpochPlan.of(clips, config.training().batchSize(), options.accumulate(), config.training().seed());
        if (plan.steps() == 0) {
            throw new IOException(files.trainList() + ": an epoch has " + segments.batchesPerEpoch()
                    + " batches of " + config.training().batchSize() + " clips, expected at least "
                    + options.accumulate() + " to accumulate");
        }
    }

    private static void requireShared(HifiGanConfig config, List<Backend> backends, Ranks ranks) {
        if (config.training().batchSize() % ranks.count() != 0) {
            throw new IllegalArgumentException("batch_size is " + config.training().batchSize()
                    + ", expected a multiple of " + ranks.count() + ", the number of ranks that share it");
        }
        if (backends.size() != 1 || backends.getFirst().isDouble()) {
            throw new IllegalArgumentException("each of several ranks computes on one device in float32, given "
                    + backends.stream().map(Backend::name).toList());
        }
    }

    /** To where people see it, whichever rank finds it; what all find when they look at all clips, only one says. */
    private void sayOfClip(String line) {
        if (ranks.isFirst()) {
            monitor.say(line);
        } else if (checked) {
            ranks.say(line);
        }
    }

    /** What must be the same on all ranks, by its name; texts that are compared and nothing else. */
    public Map<String, String> identity() throws IOException {
        return RunIdentity.of(config, options, clips, validationClips);
    }

    /**
     * Trains until all steps are made or the monitor wants to stop; then a checkpoint is written. It is written as well
     * before any exception is thrown but that for bad numbers.
     *
     * @throws IOException if the folder cannot be written to, a checkpoint does not fit, or too many clips are broken
     * @throws IllegalStateException if a loss or a weight is no longer finite
     */
    public Outcome train() throws IOException {
        try (RunFolder folder = ranks.isFirst() ? RunFolder.open(options.out()) : null;
                RunState start = start(folder);
                Replicas replicas = new Replicas(config, options, start.networks(), backends, ranks);
                Validation validation = new Validation(
                        config, validationClips, validationProblems, backends.getFirst(), ranks);
                RunLog log = folder == null ? null
                        : new RunLog(options.out(), start.nextStep(), config.mel().samplingRate())) {
            if (folder != null) {
                AtomicFile.write(options.out().resolve("config.json"),
                        file -> file.write(config.toJson().getBytes(StandardCharsets.UTF_8)));
            }
            Session session = new Session(folder, start, replicas, validation, log);
            long perEpoch = plan.steps();
            long byEpochs = options.epochs() > Long.MAX_VALUE / perEpoch ? Long.MAX_VALUE : options.epochs() * perEpoch;
            long end = Math.min(options.maxSteps(), byEpochs);
            monitor.starts(end == Long.MAX_VALUE ? end : Math.max(0, end - start.nextStep()));
            try (BatchLoader loader = loader(start.position())) {
                return session.run(loader);
            }
        }
    }

    /** @param folder null to start anew; looked at on rank 0 only */
    private RunState start(RunFolder folder) throws IOException {
        return SharedStart.of(ranks, config, options, backends.getFirst(),
                () -> RunState.start(config, options, folder, plan, backends.getFirst(), monitor::say));
    }

    /**
     * Makes one step on the first batch, from random weights or those of {@code --init-from}, without writing anything.
     *
     * @return its seconds and losses, in a line for people
     */
    public String tryOneStep() throws IOException {
        try (RunState start = start(null);
                Replicas replicas = new Replicas(config, options, start.networks(), backends, ranks);
                BatchLoader loader = loader(start.position())) {
            List<Batch> batches = nextBatches(loader);
            long began = System.nanoTime();
            StepLosses losses = new StepNews(ranks, clips, problems)
                    .share(replicas.step(batches, start.nextStep()));
            return String.format(Locale.ROOT, "%d training clips, %d validation clips, %d steps in an epoch; "
                    + "one step took %.2f s and found %s", clips.size(), validationClips.size(),
                    plan.steps(), (System.nanoTime() - began) / 1e9, describe(losses));
        }
    }

    private BatchLoader loader(Position from) {
        return new BatchLoader(
                segments, config.mel(), plan.batches(), from.epoch(), plan.batch(from), options.loaderThreads());
    }

    private List<Batch> nextBatches(BatchLoader loader) throws IOException {
        List<Batch> batches = new ArrayList<>();
        for (int i = 0; i < options.accumulate(); i++) {
            batches.add(loader.next());
        }
        return batches;
    }

    private static String describe(StepLosses losses) {
        return String.format(Locale.ROOT, "mel error %.4f, generator %.3f, discriminators %.3f", losses.melError(),
                losses.generatorTotal(), losses.discriminatorTotal());
    }

    /**
     * One stretch of steps without a restart. All ranks make the same; folder and log are rank 0's, and null on the others.
     */
    private final class Session {
        private final RunFolder folder;
        private final Networks networks;
        private final MovingAverage average;
        private final Replicas replicas;
        private final StepNews news = new StepNews(ranks, clips, problems);
        private final Validation validation;
        private final RunLog log;
        private long nextStep;
        private long lastSaved;
        private long triedToSave;
        private long lastEpoch;
        private long lastValidated = -1;
        private double lastValidationSeconds;
        private double lastSaveSeconds;
        private Position position;
        private Networks.Mark atStep; // not null within a step

        Session(RunFolder folder, RunState start, Replicas replicas, Validation validation, RunLog log) {
            this.folder = folder;
            this.networks = start.networks();
            this.average = start.average();
            this.replicas = replicas;
            this.validation = validation;
            this.log = log;
            this.nextStep = start.nextStep();
            this.lastSaved = nextStep - 1;
            this.triedToSave = lastSaved;
            this.position = start.position();
            this.lastEpoch = position.epoch();
        }

        Outcome run(BatchLoader loader) throws IOException {
            makeUpValidation();
            boolean stopped = false;
            boolean late = false;
            try {
                while (nextStep < options.maxSteps() && position.epoch() < options.epochs() && !stopped && !late) {
                    stopped = isTrueAnywhere(monitor.stopRequested());
                    if (!stopped) {
                        step(loader);
                        late = isTrueAnywhere(limit.isReached());
                    }
                }
                if (late && lastValidated < nextStep - 1) {
                    monitor.say("the time is up: validating and saving");
                    validate(nextStep - 1);
                }
                if (lastSaved < nextStep - 1) {
                    save();
                }
            } catch (BadNumbers e) {
                throw e;
            } catch (IOException | RuntimeException | Error e) {
                saveAfter(e);
                throw e;
            }
            if (ranks.count() > 1) {
                monitor.say(String.format(Locale.ROOT, "%s, of which %.2f s were waited for", ranks.summary(),
                        replicas.secondsWaited()));
            }
            if (problems.summary() != null) {
                monitor.say(problems.summary());
            }
            return stopped ? Outcome.INTERRUPTED : Outcome.FINISHED;
        }

        /** So that all ranks do the same. */
        private boolean isTrueAnywhere(boolean here) {
            return ranks.gather(new byte[] {(byte) (here ? 1 : 0)}).stream().anyMatch(answer -> answer[0] != 0);
        }

        private void step(BatchLoader loader) throws IOException {
            long began = System.nanoTime();
            List<Batch> batches = nextBatches(loader);
            replicas.startEpoch(position.epoch());
            atStep = networks.mark();
            StepLosses losses = news.share(replicas.step(batches, nextStep));
            if (!losses.isFinite()) {
                throw bad(nextStep, describe(losses) + ", expected finite losses");
            }
            if (average != null) {
                average.update();
            }
            atStep.close();
            atStep = null;
            lastEpoch = position.epoch();
            position = plan.after(position);
            nextStep++;
            if ((nextStep - 1) % options.intervals().summary() == 0 && log != null) {
                log.row(nextStep - 1, losses); // in memory: nothing that stops the run comes between a step and its row
            }
            double seconds = (System.nanoTime() - began) / 1e9;
            monitor.stepped(seconds);
            limit.stepTook(seconds);
            report(nextStep - 1, losses, seconds);
        }

        private BadNumbers bad(long step, String what) {
            return new BadNumbers("step " + step + ": " + what + "; the newest checkpoint in " + options.out()
                    + " is from before (a smaller learning rate or clipped gradients may help)");
        }

        /** What cannot be told again comes before the checkpoint, which makes the step unrepeatable. */
        private void report(long step, StepLosses losses, double seconds) throws IOException {
            TrainingOptions.Intervals intervals = options.intervals();
            AdamW optimiser = networks.generatorOptimiser();
            if (step % intervals.summary() == 0 && log != null) {
                log.losses(step, losses, optimiser.learningRate());
            }
            if (step % intervals.console() == 0) {
                monitor.say(String.format(Locale.ROOT, "step %d, epoch %d: %s, learning rate %.3g, %.2f s/step", step,
                        lastEpoch, describe(losses), optimiser.learningRate(), seconds));
            }
            if (step % intervals.checkpoint() == 0 && step != 0) {
                save();
            }
            if (step % intervals.validation() == 0) {
                validate(step);
            }
        }

        /** Of the step that this session goes on after, if the one that made it did not come to it. */
        private void makeUpValidation() throws IOException {
            long step = nextStep - 1;
            if (isTrueAnywhere(log != null && step >= 0 && step % options.intervals().validation() == 0
                    && !log.isValidated(step))) {
                if (log != null) {
                    log.makesUp(step);
                }
                validate(step);
            }
        }

        private void validate(long step) throws IOException {
            long began = System.nanoTime();
            lastValidated = step;
            double error = validation.error(networks.generator().stateDict(),
                    log != null ? log::heard : (clip, real, generated) -> {});
            if (!Double.isFinite(error)) {
                throw bad(step, "validation mel error " + error + ", expected a finite one");
            }
            monitor.say(String.format(Locale.ROOT, "step %d: validation mel error %.4f", step, error));
            double averageError = Double.NaN;
            if (average != null) {
                averageError = validation.error(average.stateDict(), (clip, real, generated) -> {});
                monitor.say(String.format(Locale.ROOT, "step %d: validation mel error %.4f of the moving average", step,
                        averageError));
            }
            if (log != null) {
                log.validated(step, error, averageError, validation);
            }
            lastValidationSeconds = (System.nanoTime() - began) / 1e9;
            limit.endingTook(lastValidationSeconds + lastSaveSeconds);
        }

        private void save() throws IOException {
            triedToSave = nextStep - 1;
            SameWeights.check(ranks, networks, nextStep - 1);
            if (folder != null) {
                write(nextStep - 1);
            }
            lastSaved = nextStep - 1;
        }

        private void write(long step) throws IOException {
            long began = System.nanoTime();
            triedToSave = step;
            backends.forEach(Backend::trim); // for the copies that are written
            Snapshot snapshot;
            try {
                snapshot = Snapshot.of(networks, average, config.training(), step, lastEpoch, ending.slim());
            } catch (BadNumbers e) {
                throw bad(step, e.getMessage());
            }
            IOException unsettled = null;
            try {
                log.settle();
            } catch (IOException e) {
                unsettled = e; // no reason to lose the weights too
            }
            snapshot.write(folder, step, position);
            lastSaved = step;
            monitor.say("saved " + folder.generator(step) + " and " + folder.rest(step).getFileName());
            folder.prune(options.keep(), step);
            lastSaveSeconds = (System.nanoTime() - began) / 1e9;
            limit.endingTook(lastValidationSeconds + lastSaveSeconds);
            if (unsettled != null) {
                throw unsettled;
            }
        }

        /**
         * Keeps the steps that were made, as far as that is still possible; what went wrong once more is said, and goes
         * with the cause.
         */
        private void saveAfter(Throwable cause) {
            long step = nextStep - 1;
            boolean interrupted = Thread.interrupted(); // or files could not be written
            try {
                if (folder == null || lastSaved == step || (triedToSave == step && !interrupted)) {
                    return;
                }
                if (atStep == null || networks.backTo(atStep)) {
                    networks.startEpoch(lastEpoch);
                    write(step); // other ranks may be gone
                } else {
                    monitor.say("step " + nextStep + " broke off in the middle: the newest checkpoint is from before");
                }
            } catch (IOException | RuntimeException | OutOfMemoryError e) {
                cause.addSuppressed(e);
                monitor.say("step " + step + " could not be saved: " + e.getMessage());
            } finally {
                if (atStep != null) {
                    atStep.close();
                }
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }
}
