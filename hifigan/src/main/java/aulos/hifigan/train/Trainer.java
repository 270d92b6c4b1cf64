// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import aulos.engine.Backend;
import aulos.engine.nn.AdamW;
import aulos.hifigan.io.AtomicFile;
import aulos.hifigan.loss.StftLoss;
import aulos.hifigan.model.HifiGanConfig;
import aulos.hifigan.train.ranks.Ranks;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
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
    private final List<Backend> backends;
    private final Ranks ranks;
    private final Monitor monitor;
    private final List<Clip> clips;
    private final List<Clip> validationClips;
    private final ClipProblems problems;
    private final Segments segments;
    private final int batchesUsed;
    private final long data;

    /** As {@link #Trainer(HifiGanConfig, TrainingOptions, List, Ranks, Monitor)}, in a process of its own. */
    public Trainer(HifiGanConfig config, TrainingOptions options, List<Backend> backends, Monitor monitor)
            throws IOException {
        this(config, options, backends, Ranks.ALONE, monitor);
    }

    /**
     * Reads the lists.
     *
     * @param config its batch size and seed count
     * @param backends share each batch; each is used by one thread at a time, the first by the one that trains; not closed
     * @param ranks share each batch too; with several, each has one backend; not closed
     * @throws IOException if a list cannot be read or is too short
     * @throws IllegalArgumentException if the batch does not divide among the backends or ranks, or segments are too short for the
     *     STFT loss
     */
    public Trainer(HifiGanConfig config, TrainingOptions options, List<Backend> backends, Ranks ranks,
            Monitor monitor) throws IOException {
        if (ranks.count() > 1) {
            requireShared(config, backends, ranks);
        }
        if (config.training().batchSize() % backends.size() != 0) {
            throw new IllegalArgumentException("batch_size is " + config.training().batchSize()
                    + ", expected a multiple of " + backends.size() + ", the number of devices that share it");
        }
        if (options.stftWeight() > 0 && config.training().segmentSize() < StftLoss.MINIMUM_SAMPLES) {
            throw new IllegalArgumentException("segment_size is " + config.training().segmentSize()
                    + ", expected at least " + StftLoss.MINIMUM_SAMPLES + " for the STFT loss");
        }
        this.config = config;
        this.options = options;
        this.backends = List.copyOf(backends);
        this.ranks = ranks;
        this.monitor = ranks.isFirst() ? monitor : new QuietMonitor(monitor);
        TrainingOptions.Data files = options.data();
        clips = ClipList.read(files.trainList(), files.wavs(), files.mels());
        validationClips = ClipList.read(files.validList(), files.wavs(), files.mels());
        problems = problems(clips);
        segments = new Segments(config, config.training().batchSize(), clips, problems, ranks);
        batchesUsed = segments.batchesPerEpoch() / options.accumulate() * options.accumulate();
        if (batchesUsed == 0) {
            throw new IOException(files.trainList() + ": an epoch has " + segments.batchesPerEpoch()
                    + " batches of " + config.training().batchSize() + " clips, expected at least "
                    + options.accumulate() + " to accumulate");
        }
        data = fingerprint();
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

    /** Says what is wrong with clips where people see it, whichever rank finds it. */
    private ClipProblems problems(List<Clip> of) {
        return new ClipProblems(of.size(), ranks.count() == 1 ? monitor::say : ranks::say);
    }

    /** What must be the same on all ranks, by its name; texts that are compared and nothing else. */
    public Map<String, String> identity() throws IOException {
        return RunIdentity.of(config, options, clips, validationClips);
    }

    /** Differs if the same position in the data would mean other clips. */
    private long fingerprint() {
        long hash = config.training().seed();
        hash = 31 * hash + config.training().batchSize();
        hash = 31 * hash + batchesUsed;
        for (Clip clip : clips) {
            hash = 31 * hash + clip.id().hashCode();
        }
        return hash;
    }

    /**
     * Trains until all steps are made or the monitor wants to stop; then a checkpoint is written.
     *
     * @throws IOException if the folder cannot be written to, a checkpoint does not fit, or too many clips are broken
     * @throws IllegalStateException if a loss is no longer finite
     */
    public Outcome train() throws IOException {
        try (RunFolder folder = ranks.isFirst() ? RunFolder.open(options.out()) : null;
                RunState start = start(folder);
                Replicas replicas = new Replicas(config, options, start.networks(), backends, ranks);
                Validation validation = new Validation(config, validationClips, problems(validationClips),
                        backends.getFirst(), ranks);
                RunLog log = folder == null ? null
                        : new RunLog(options.out(), start.nextStep(), config.mel().samplingRate())) {
            if (folder != null) {
                AtomicFile.write(options.out().resolve("config.json"),
                        file -> file.write(config.toJson().getBytes(StandardCharsets.UTF_8)));
            }
            Session session = new Session(folder, start, replicas, validation, log);
            long perEpoch = batchesUsed / options.accumulate();
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
                () -> RunState.start(config, options, folder, data, backends.getFirst(), monitor::say));
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
                    batchesUsed / options.accumulate(), (System.nanoTime() - began) / 1e9, describe(losses));
        }
    }

    private BatchLoader loader(Position from) {
        return new BatchLoader(
                segments, config.mel(), batchesUsed, from.epoch(), from.batch(), options.loaderThreads());
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
        private long lastEpoch;
        private Position position;

        Session(RunFolder folder, RunState start, Replicas replicas, Validation validation, RunLog log) {
            this.folder = folder;
            this.networks = start.networks();
            this.average = start.average();
            this.replicas = replicas;
            this.validation = validation;
            this.log = log;
            this.nextStep = start.nextStep();
            this.lastSaved = nextStep - 1;
            this.position = start.position();
            this.lastEpoch = position.epoch();
        }

        Outcome run(BatchLoader loader) throws IOException {
            boolean stopped = false;
            while (nextStep < options.maxSteps() && position.epoch() < options.epochs() && !stopped) {
                stopped = isRequestedAnywhere(monitor.stopRequested());
                if (!stopped) {
                    step(loader);
                }
            }
            if (lastSaved < nextStep - 1) {
                save();
            }
            if (ranks.count() > 1) {
                monitor.say(String.format(Locale.ROOT, "%s, of which %.2f s were waited for", ranks.summary(),
                        replicas.secondsWaited()));
            }
            if (problems.count() > 0) {
                monitor.say(problems.count() + " of " + clips.size() + " training clips are broken and were skipped");
            }
            return stopped ? Outcome.INTERRUPTED : Outcome.FINISHED;
        }

        /** So that all ranks end after the same step. */
        private boolean isRequestedAnywhere(boolean here) {
            return ranks.gather(new byte[] {(byte) (here ? 1 : 0)}).stream().anyMatch(stop -> stop[0] != 0);
        }

        private void step(BatchLoader loader) throws IOException {
            long began = System.nanoTime();
            replicas.startEpoch(position.epoch());
            StepLosses losses = news.share(replicas.step(nextBatches(loader), nextStep));
            if (!losses.isFinite()) {
                throw new IllegalStateException("step " + nextStep + ": " + describe(losses)
                        + ", expected finite losses; the newest checkpoint in " + options.out()
                        + " is from before (a smaller learning rate or clipped gradients may help)");
            }
            if (average != null) {
                average.update();
            }
            lastEpoch = position.epoch();
            int batch = position.batch() + options.accumulate();
            position = batch < batchesUsed ? new Position(lastEpoch, batch, data)
                    : new Position(lastEpoch + 1, 0, data);
            nextStep++;
            double seconds = (System.nanoTime() - began) / 1e9;
            monitor.stepped(seconds);
            report(nextStep - 1, losses, seconds);
        }

        private void report(long step, StepLosses losses, double seconds) throws IOException {
            TrainingOptions.Intervals intervals = options.intervals();
            AdamW optimiser = networks.generatorOptimiser();
            if (step % intervals.console() == 0) {
                monitor.say(String.format(Locale.ROOT, "step %d, epoch %d: %s, learning rate %.3g, %.2f s/step", step,
                        lastEpoch, describe(losses), optimiser.learningRate(), seconds));
            }
            if (step % intervals.checkpoint() == 0 && step != 0) {
                save();
            }
            if (step % intervals.summary() == 0 && log != null) {
                log.losses(step, losses, optimiser.learningRate());
            }
            if (step % intervals.validation() == 0) {
                validate(step);
            }
        }

        private void validate(long step) throws IOException {
            double error = validation.error(networks.generator().stateDict(),
                    (clip, real, generated) -> heard(step, clip, real, generated));
            monitor.say(String.format(Locale.ROOT, "step %d: validation mel error %.4f", step, error));
            if (average != null) {
                double averageError = validation.error(average.stateDict(), (clip, real, generated) -> {});
                monitor.say(String.format(Locale.ROOT, "step %d: validation mel error %.4f of the moving average", step,
                        averageError));
                if (log != null) {
                    log.averageValidated(step, averageError);
                }
            }
            if (log != null) {
                log.validated(step, error);
            }
        }

        private void heard(long step, int clip, float[] real, float[] generated) throws IOException {
            if (log != null) {
                log.heard(step, clip, real, generated, validation);
            }
        }

        private void save() throws IOException {
            long step = nextStep - 1;
            backends.forEach(Backend::trim); // for the copies that are written
            SameWeights.check(ranks, networks, step);
            lastSaved = step;
            if (folder != null) {
                write(step);
            }
        }

        private void write(long step) throws IOException {
            position.write(folder.position(step));
            if (average != null) {
                Checkpoint.writeGenerator(folder.average(step), average.stateDict());
            }
            Checkpoint.writeRest(folder.rest(step), networks, config.training(), step, lastEpoch);
            Path generator = folder.generator(step);
            Checkpoint.writeGenerator(generator, networks.generator().stateDict());
            monitor.say("saved " + generator + " and " + folder.rest(step).getFileName());
            folder.prune(options.keep());
        }
    }
}
