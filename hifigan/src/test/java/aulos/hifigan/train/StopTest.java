// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import aulos.engine.Backend;
import aulos.engine.Kernel;
import aulos.kernels.cpu.CpuBackend;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever stops a run, the steps it made are saved first, unless their numbers are bad. */
class StopTest {
    @TempDir
    private Path folder;

    private TinyRun run;
    private Path out;

    @BeforeEach
    void write() throws IOException {
        run = new TinyRun(folder, 7);
        out = folder.resolve("out");
    }

    /** Four steps, from which a checkpoint is made at the end only. */
    private TrainingOptions options() {
        return run.options(out, 4);
    }

    private Throwable train(TrainingOptions options, int step, Runnable then) {
        try (Backend backend = new CpuBackend(2)) {
            return train(options, step, then, backend);
        }
    }

    /** @param then is done after step {@code step}, numbered from 0 */
    private Throwable train(TrainingOptions options, int step, Runnable then, Backend backend) {
        TinyRun.Lines lines = new TinyRun.Lines() {
            private int steps;

            @Override
            public void stepped(double seconds) {
                if (steps++ == step) {
                    then.run();
                }
            }
        };
        return catchThrowable(() -> new Trainer(run.config(), options, List.of(backend), lines).train());
    }

    private void assertGoesOnAsIfNothingHadHappened(long saved) throws IOException {
        assertThat(run.train(options())).contains("going on after step " + saved + ", in epoch " + saved / 3);
        RunResult.of(out).assertSame(RunResult.of(whole()));
    }

    private Path whole() throws IOException {
        Path whole = folder.resolve("whole");
        run.train(run.options(whole, 4));
        return whole;
    }

    /** More steps than batches are read ahead. */
    @Test
    void brokenClips() throws IOException {
        int steps = 9;
        Throwable thrown = train(run.options(out, steps), 1, () -> move(run.wavs(), folder.resolve("elsewhere")));
        assertThat(thrown).isInstanceOf(IOException.class).hasMessageContaining("broken, more than 1%");
        move(folder.resolve("elsewhere"), run.wavs());
        assertThat(newest()).hasValueSatisfying(saved -> assertThat(saved).isBetween(1L, steps - 2L));
        run.train(run.options(out, steps));
        Path whole = folder.resolve("whole");
        run.train(run.options(whole, steps));
        RunResult.of(out).assertSame(RunResult.of(whole));
    }

    /** It comes while a checkpoint is written, which it breaks off. */
    @Test
    void anInterrupt() throws IOException {
        TrainingOptions plain = options();
        TrainingOptions saving = new TrainingOptions(plain.data(), out, null, 4, 1000,
                new TrainingOptions.Intervals(1, 1, 1, 1000), 100, 8, 0, 1, Double.POSITIVE_INFINITY, 0, 0, 2);
        assertThat(train(saving, 1, Thread.currentThread()::interrupt)).isInstanceOf(IOException.class);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(newest()).contains(1L);
        assertGoesOnAsIfNothingHadHappened(1);
    }

    private Optional<Long> newest() throws IOException {
        try (RunFolder files = RunFolder.open(out)) {
            return files.newest();
        }
    }

    @Test
    void aLogThatCannotBeWritten() throws IOException {
        TrainingOptions plain = options();
        TrainingOptions validating = new TrainingOptions(plain.data(), out, null, 4, 1000,
                new TrainingOptions.Intervals(1, 1000, 1, 1), 100, 8, 0, 1, Double.POSITIVE_INFINITY, 0, 0, 2);
        Throwable thrown = train(validating, 1, () -> {
            move(out.resolve("losses.csv"), folder.resolve("losses.csv"));
            makeFolder(out.resolve("losses.csv"));
        });
        assertThat(thrown).isInstanceOf(IOException.class)
                .hasMessage(out.resolve("losses.csv") + ": cannot be written: it is a folder");
        assertThat(newest()).contains(1L);
    }

    /** What is wrong with the disk is said of both: what stopped the run, and what could not be saved. */
    @Test
    void nowhereToSave() throws IOException {
        Throwable thrown = train(options(), 1, () -> {
            makeFolder(out.resolve("do_00000001"));
            throw new IllegalStateException("stopped by the test");
        });
        assertThat(thrown).hasMessage("stopped by the test");
        assertThat(thrown.getSuppressed()).singleElement().asString()
                .contains(out.resolve("do_00000001") + ": cannot be written: it is a folder");
        assertThat(out.resolve("g_00000001")).doesNotExist();
        Files.delete(out.resolve("do_00000001"));
        run.train(options());
        RunResult.of(out).assertSame(RunResult.of(whole()));
    }

    /** In the middle of the discriminators' forward pass, which has changed the vectors of spectral norm. */
    @Test
    void aDeviceThatFailsBeforeWeightsHaveChanged() throws IOException {
        AtomicBoolean armed = new AtomicBoolean();
        AtomicInteger kernels = new AtomicInteger();
        try (Backend backend = spoilt(armed, kernel -> {
            assertThat(kernel).isNotInstanceOf(Kernel.AdamW.class);
            if (kernels.incrementAndGet() > 150) {
                armed.set(false);
                throw new IllegalStateException("the device failed");
            }
            return kernel;
        })) {
            assertThat(train(options(), 1, () -> armed.set(true), backend)).hasMessage("the device failed");
        }
        assertGoesOnAsIfNothingHadHappened(1);
    }

    @Test
    void aDeviceThatFailsAfterWeightsHaveChanged() throws IOException {
        run.train(run.options(out, 1));
        AtomicBoolean armed = new AtomicBoolean();
        AtomicInteger updates = new AtomicInteger();
        try (Backend backend = spoilt(armed, kernel -> {
            if (kernel instanceof Kernel.AdamW && updates.incrementAndGet() == 3) {
                armed.set(false);
                throw new IllegalStateException("the device failed");
            }
            return kernel;
        })) {
            assertThat(train(options(), 0, () -> armed.set(true), backend)).hasMessage("the device failed");
        }
        assertGoesOnAsIfNothingHadHappened(0);
    }

    /** Weights that went bad behind a loss that was still finite. */
    @Test
    void badWeightsReplaceNoGoodOnes() throws IOException {
        run.train(run.options(out, 1));
        TrainingOptions plain = run.options(out, 2);
        TrainingOptions keepingOne = new TrainingOptions(plain.data(), out, null, 2, 1000, plain.intervals(), 1, 8, 1000,
                1, Double.POSITIVE_INFINITY, 0, 0, 2);
        try (Backend backend = spoilt(new AtomicBoolean(true), kernel -> kernel instanceof Kernel.AdamW k
                ? new Kernel.AdamW(Double.NaN, k.beta1(), k.beta2(), k.epsilon(), k.decay(), k.step()) : kernel)) {
            assertThatThrownBy(() -> TinyRun.train(run.config(), keepingOne, backend))
                    .isInstanceOf(IllegalStateException.class).hasMessageStartingWith("step 1: generator.")
                    .hasMessageContaining("holds NaN, expected finite values; the newest checkpoint in " + out
                            + " is from before");
        }
        assertThat(newest()).contains(0L);
        assertThat(out.resolve("do_00000001")).doesNotExist();
        assertThat(out.resolve("position_00000001.json")).doesNotExist();
    }

    private static void move(Path from, Path to) {
        try {
            Files.move(from, to);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void makeFolder(Path path) {
        try {
            Files.createDirectory(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A backend that, once armed, does something else than the kernel it is given. */
    private static Backend spoilt(AtomicBoolean armed, UnaryOperator<Kernel> spoil) {
        CpuBackend inner = new CpuBackend(2);
        return (Backend) Proxy.newProxyInstance(Backend.class.getClassLoader(), new Class<?>[] {Backend.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("run") && armed.get()) {
                        arguments[0] = spoil.apply((Kernel) arguments[0]);
                    }
                    try {
                        return method.invoke(inner, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
