// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aulos.engine.Backend;
import aulos.hifigan.train.ranks.Ranks;
import aulos.kernels.cpu.CpuBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training in a given time, and checkpoints that are small. */
class TimeLimitTest {
    private static final long SECOND = 1_000_000_000L;

    @TempDir
    private Path folder;

    @Test
    void leavesTimeForAStepAndWhatComesAtTheEnd() {
        AtomicLong now = new AtomicLong(7);
        TimeLimit limit = new TimeLimit(2, now::get);
        limit.stepTook(3);
        limit.endingTook(20);
        now.addAndGet(97 * SECOND);
        assertThat(limit.isReached()).isFalse();
        now.addAndGet(SECOND / 2);
        assertThat(limit.isReached()).isTrue();
        limit.stepTook(1); // the slow step counts for less now
        assertThat(limit.isReached()).isTrue();
        limit.stepTook(1);
        assertThat(limit.isReached()).isFalse();
    }

    @Test
    void anEndingCountsBeforeThereHasBeenOne() {
        AtomicLong now = new AtomicLong();
        TimeLimit limit = new TimeLimit(1, now::get);
        now.set(49 * SECOND);
        assertThat(limit.isReached()).isFalse();
        now.set(51 * SECOND);
        assertThat(limit.isReached()).isTrue();
    }

    @Test
    void noTimeIsRefused() {
        assertThatThrownBy(() -> new Ending(0, false)).hasMessage("maximum of minutes is 0.0, expected more than 0");
        assertThatThrownBy(() -> new Ending(Double.NaN, false)).hasMessageContaining("NaN");
    }

    @Test
    void aRunOfLimitedTimeValidatesAndSaves() throws IOException {
        TinyRun run = new TinyRun(folder, 5);
        Path out = folder.resolve("out");
        List<String> said = train(run, run.options(out, 1_000_000), new Ending(0.05, false));
        int steps = (int) said.stream().filter(line -> line.contains("learning rate")).count();
        assertThat(steps).isPositive();
        assertThat(said).anyMatch(line -> line.startsWith("step " + (steps - 1) + ": validation mel error"));
        assertThat(out.resolve(RunFolder.name("g", steps - 1))).exists();
        assertThat(out.resolve(RunFolder.name("do", steps - 1))).exists();
    }

    @Test
    void slimCheckpointsLackMomentsAndAreGoneOnFrom() throws IOException {
        TinyRun run = new TinyRun(folder, 5);
        Path slim = folder.resolve("slim");
        Path whole = folder.resolve("whole");
        train(run, run.options(slim, 3), new Ending(Double.POSITIVE_INFINITY, true));
        train(run, run.options(whole, 3), Ending.USUAL);
        String name = RunFolder.name("do", 2);
        assertThat(Files.size(slim.resolve(name))).isLessThan(Files.size(whole.resolve(name)) / 2);
        OptimiserState judges = Checkpoint.read(slim.resolve(RunFolder.name("g", 2)), slim.resolve(name))
                .discriminatorOptimiser();
        assertThat(judges.steps()).isZero();
        assertThat(train(run, run.options(slim, 4), Ending.USUAL))
                .contains(name + " has no moments of the discriminators' optimiser: they start anew");
        assertThat(train(run, run.options(whole, 4), Ending.USUAL)).noneMatch(line -> line.contains("no moments"));
    }

    private static List<String> train(TinyRun run, TrainingOptions options, Ending ending) throws IOException {
        TinyRun.Lines lines = new TinyRun.Lines();
        try (Backend backend = new CpuBackend(2)) {
            new Trainer(run.config(), options, ending, List.of(backend), Ranks.ALONE, lines).train();
        }
        return lines.said();
    }
}
