// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import aulos.engine.NdArray;
import aulos.engine.Scope;
import aulos.engine.Tensor;
import aulos.engine.nn.Parameter;
import aulos.engine.reference.ReferenceBackend;
import aulos.hifigan.model.HifiGanConfig;
import aulos.kernels.cpu.CpuBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several ranks that train together; here threads, as processes over MPI are the cluster module's. */
class RankedTrainingTest {
    private static final int CLIPS = 12;

    @TempDir
    private Path folder;

    private TinyRun run;

    @BeforeEach
    void write() throws IOException {
        run = new TinyRun(folder, CLIPS);
        // More than rank 0 validates alone.
        TinyRun.writeList(run.validList(), List.of("clip0", "clip1", "clip2", "clip3", "clip4", "clip5", "clip6"));
    }

    private interface Work {
        Object of(ThreadRanks ranks) throws Exception;
    }

    private static List<Object> together(int count, Work work) throws Exception {
        List<Object> results = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(count)) {
            List<Future<Object>> running = new ArrayList<>();
            for (ThreadRanks ranks : ThreadRanks.of(count)) {
                Callable<Object> each = () -> {
                    try {
                        return work.of(ranks);
                    } catch (Exception | Error e) {
                        ranks.abandon(String.valueOf(e.getMessage()));
                        throw e;
                    }
                };
                running.add(threads.submit(each));
            }
            for (Future<Object> each : running) {
                results.add(each.get());
            }
        }
        return results;
    }

    /** Accumulates, clips, averages and validates: all that ranks have a part in. */
    private TrainingOptions options(String out, long steps) {
        TrainingOptions plain = run.options(folder.resolve(out), steps);
        return new TrainingOptions(plain.data(), plain.out(), null, steps, 1000,
                new TrainingOptions.Intervals(1, 2, 1, 2), 100, 8, 1, 2, 5, 0, 0.9, 1);
    }

    private HifiGanConfig config() throws IOException {
        Files.writeString(run.configFile(), Files.readString(run.configFile()).replace("\"batch_size\": 2",
                "\"batch_size\": 6"));
        return run.config();
    }

    private List<List<String>> train(int count, String out, long steps) throws Exception {
        HifiGanConfig config = config();
        List<List<String>> said = new ArrayList<>();
        for (Object lines : together(count, ranks -> {
            try (CpuBackend backend = new CpuBackend(1)) {
                TinyRun.Lines lines = new TinyRun.Lines();
                new Trainer(config, options(out, steps), Ending.USUAL, List.of(backend), ranks, lines).train();
                List<String> all = new ArrayList<>(lines.said());
                all.addAll(ranks.said());
                return all;
            }
        })) {
            said.add(((List<?>) lines).stream().map(String.class::cast).toList());
        }
        return said;
    }

    @Test
    void ranksLearnWhatDevicesOfOneProcessDo() throws Exception {
        List<List<String>> said = train(3, "ranks", 4);
        assertThat(said.get(0)).contains("saved " + folder.resolve("ranks/g_00000003") + " and do_00000003");
        assertThat(said.get(1)).isEmpty();
        try (CpuBackend one = new CpuBackend(1); CpuBackend two = new CpuBackend(1); CpuBackend three = new CpuBackend(1)) {
            TinyRun.train(config(), options("devices", 4), one, two, three);
        }
        for (String file : List.of("losses.csv", "g_00000003", "do_00000003", "ema_00000003")) {
            assertThat(Files.mismatch(folder.resolve("ranks").resolve(file), folder.resolve("devices").resolve(file)))
                    .as(file).isEqualTo(-1);
        }
    }

    @Test
    void goesOnOnAnotherNumberOfRanks() throws Exception {
        train(3, "moved", 2);
        assertThat(train(2, "moved", 4).getFirst()).contains("going on after step 1, in epoch 2");
        TinyRun.train(config(), options("one", 4));
        List<History.Row> moved = new History(folder.resolve("moved"), Long.MAX_VALUE).rows();
        List<History.Row> one = new History(folder.resolve("one"), Long.MAX_VALUE).rows();
        assertThat(moved).hasSameSizeAs(one);
        for (int i = 0; i < one.size(); i++) {
            close(moved.get(i).generator(), one.get(i).generator());
            close(moved.get(i).validation(), one.get(i).validation());
        }
    }

    private static void close(double actual, double expected) {
        if (Double.isFinite(expected)) {
            assertThat(actual).isCloseTo(expected, within(1e-5 * expected));
        }
    }

    /** One of 12 is more than a hundredth, whichever rank reads it. */
    @Test
    void brokenClipsAreEverybodys() throws Exception {
        Files.writeString(run.wavs().resolve("clip7.wav"), "no sound");
        assertThatThrownBy(() -> train(2, "broken", 4)).isInstanceOf(ExecutionException.class);
        ClipProblems first = new ClipProblems("training clips", 1000, line -> {});
        ClipProblems second = new ClipProblems("training clips", 1000, line -> {});
        List<Clip> clips = ClipList.read(run.trainList(), run.wavs(), null);
        first.broken(clips.get(4), new IOException("broken"));
        StepLosses losses = StepLosses.ofReconstruction(1, 0);
        together(2, ranks -> new StepNews(ranks, clips, ranks.isFirst() ? first : second).share(losses));
        assertThat(second.isBroken(clips.get(4))).isTrue();
        assertThat(second.count()).isEqualTo(1);
    }

    @Test
    void namesTheFirstParameterThatDiffers() throws Exception {
        HifiGanConfig config = config();
        Work check = ranks -> {
            try (CpuBackend backend = new CpuBackend(1); Scope scope = Scope.open();
                    Networks networks = Networks.of(config, 8, Networks.Start.RANDOM, backend)) {
                SameWeights.check(ranks, networks, 7);
                if (ranks.rank() == 1) {
                    Parameter parameter = networks.mpd().state().get(5);
                    NdArray values = parameter.tensor().toArray();
                    values.floats()[3] = Math.nextUp(values.floats()[3]);
                    parameter.replace(Tensor.of(backend, values));
                }
                assertThatThrownBy(() -> SameWeights.check(ranks, networks, 7)).isInstanceOf(IllegalStateException.class)
                        .hasMessageStartingWith("after step 7 the weights of rank 1 differ from those of rank 0, first in "
                                + networks.mpd().state().get(5).name() + ",");
                return null;
            }
        };
        together(2, check);
    }

    @Test
    void refusesWhatCannotBeShared() throws IOException {
        ThreadRanks ranks = ThreadRanks.of(4).getLast();
        try (CpuBackend backend = new CpuBackend(1); ReferenceBackend exact = new ReferenceBackend()) {
            assertThatThrownBy(() -> new Trainer(config(), options("out", 1), Ending.USUAL, List.of(backend), ranks,
                    new TinyRun.Lines())).hasMessage(
                            "batch_size is 6, expected a multiple of 4, the number of ranks that share it");
            ThreadRanks three = ThreadRanks.of(3).getLast();
            assertThatThrownBy(() -> new Trainer(config(), options("out", 1), Ending.USUAL, List.of(exact), three,
                    new TinyRun.Lines())).hasMessage(
                            "each of several ranks computes on one device in float32, given [reference]");
        }
    }

    /** Where machines have other lists, or files of the same names that are not the same. */
    @Test
    void identityTellsRunsApart() throws IOException {
        try (CpuBackend backend = new CpuBackend(1)) {
            TrainingOptions options = options("out", 1);
            Trainer trainer = new Trainer(config(), options, List.of(backend), new TinyRun.Lines());
            var before = trainer.identity();
            TinyRun.writeWav(run.wavs().resolve("clip9.wav"), 5000, TinyRun.RATE);
            var after = trainer.identity();
            assertThat(after.keySet().stream().filter(name -> !after.get(name).equals(before.get(name))))
                    .containsExactly("training clips");
        }
    }
}
