// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import static org.assertj.core.api.Assertions.assertThat;

import aulos.engine.TestDevice;
import aulos.kernels.opencl.OpenClBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What training on an OpenCL device promises beyond its numbers. */
class OpenClTrainingTest {
    @TempDir
    private Path folder;

    @Test
    void givesTheSameBitsTwiceAndWhenResumed() throws IOException {
        TinyRun run = new TinyRun(folder, 4);
        for (String out : List.of("first", "second")) {
            train(run, run.options(folder.resolve(out), 4));
        }
        train(run, run.options(folder.resolve("parts"), 2));
        train(run, run.options(folder.resolve("parts"), 4));
        for (String other : List.of("second", "parts")) {
            for (String file : List.of("g_00000003", "do_00000003", "losses.csv")) {
                assertThat(Files.mismatch(folder.resolve("first").resolve(file), folder.resolve(other).resolve(file)))
                        .as(other + " " + file).isEqualTo(-1);
            }
        }
    }

    private static void train(TinyRun run, TrainingOptions options) throws IOException {
        try (OpenClBackend backend = (OpenClBackend) TestDevice.open("opencl")) {
            TinyRun.train(run.config(), options, backend);
        }
    }

    /** With clipping and accumulation: the batches go to the device, the losses come back, and nothing else moves. */
    @Test
    void noTensorLeavesTheDeviceInsideAStep() throws IOException {
        TinyRun run = new TinyRun(folder, 8);
        for (int accumulate : new int[] {1, 2}) {
            TrainingOptions plain = run.options(folder.resolve("out" + accumulate), 5);
            List<Transfers> seen = new ArrayList<>();
            try (OpenClBackend backend = (OpenClBackend) TestDevice.open("opencl")) {
                new Trainer(run.config(), new TrainingOptions(plain.data(), plain.out(), null, 5, 1000,
                        new TrainingOptions.Intervals(1000, 1000, 1000, 1000), 1, 8, 0, accumulate, 0.5, 0, 0, 1),
                        List.of(backend), watched(() -> seen.add(Transfers.of(backend)))).train();
            }
            for (int step = 2; step < 5; step++) {
                Transfers before = seen.get(step - 1);
                Transfers after = seen.get(step);
                assertThat(after.downloads - before.downloads).as("downloads").isEqualTo(accumulate);
                assertThat(after.uploads - before.uploads).as("uploads").isEqualTo(2L * accumulate);
            }
        }
    }

    private record Transfers(long uploads, long downloads) {
        static Transfers of(OpenClBackend backend) {
            return new Transfers(backend.uploads(), backend.downloads());
        }
    }

    @Test
    void stepsLeaveNothingBehind() throws IOException {
        TinyRun run = new TinyRun(folder, 4);
        TrainingOptions plain = run.options(folder.resolve("out"), 12);
        List<Long> bytes = new ArrayList<>();
        List<Integer> live = new ArrayList<>();
        try (OpenClBackend backend = (OpenClBackend) TestDevice.open("opencl")) {
            new Trainer(run.config(), new TrainingOptions(plain.data(), plain.out(), null, 12, 1000,
                    new TrainingOptions.Intervals(1000, 1000, 1000, 1000), 1, 8, 0, 1, Double.POSITIVE_INFINITY, 0, 0, 1),
                    List.of(backend), watched(() -> {
                        bytes.add(backend.liveBytes() + backend.pooledBytes());
                        live.add(backend.liveBuffers());
                    })).train();
            assertThat(backend.liveBuffers()).isZero();
        }
        assertThat(live.getLast()).isEqualTo(live.get(5));
        assertThat(bytes.getLast()).isEqualTo(bytes.get(5));
    }

    private static Monitor watched(Runnable afterEachStep) {
        return new Monitor() {
            @Override
            public void say(String line) {}

            @Override
            public void starts(long remaining) {}

            @Override
            public void stepped(double seconds) {
                afterEachStep.run();
            }

            @Override
            public boolean stopRequested() {
                return false;
            }
        };
    }
}
