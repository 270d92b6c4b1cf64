// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import aulos.engine.Backend;
import aulos.engine.Scope;
import aulos.engine.Shape;
import aulos.engine.Tape;
import aulos.engine.Tensor;
import aulos.engine.nn.AdamW;
import aulos.engine.nn.Conv1dLayer;
import aulos.engine.nn.WeightForm;
import aulos.engine.nn.Weights;
import aulos.engine.reference.ReferenceBackend;
import aulos.hifigan.loss.MelLoss;
import aulos.kernels.cpu.CpuBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainerTest {
    private static final int STEPS = 80;

    @TempDir
    private Path folder;

    /** The whole loop, at its smallest: learns, logs, draws. */
    @Test
    void overfitsOneClip() throws IOException {
        TinyRun run = new TinyRun(folder, 1);
        TinyRun.writeWav(run.wavs().resolve("one.wav"), 256, TinyRun.RATE);
        TinyRun.writeList(run.trainList(), List.of("one", "one"));
        TinyRun.writeList(run.validList(), List.of("one"));
        Files.writeString(run.configFile(), Files.readString(run.configFile()).replace("0.0002", "0.01")
                .replace("\"lr_decay\": 0.9", "\"lr_decay\": 1"));
        Path out = folder.resolve("out");
        TrainingOptions plain = run.options(out, STEPS);
        run.train(new TrainingOptions(plain.data(), out, null, STEPS, 1000,
                new TrainingOptions.Intervals(50, 1000, 1, STEPS - 1), 1, 8, 0, 1, Double.POSITIVE_INFINITY, 0, 0, 1));
        List<History.Row> rows = new History(out, Long.MAX_VALUE).rows();
        double first = rows.getFirst().melError();
        double last = rows.get(rows.size() - 2).melError();
        assertThat(last).as("mel error after " + STEPS + " steps, from " + first).isLessThan(0.6 * first);
        double validation = rows.getLast().validation();
        assertThat(validation).isCloseTo(last, within(0.5 * last));
        assertThat(out.resolve("mel_error.png")).isNotEmptyFile();
        try (var events = Files.list(out.resolve("logs"))) {
            assertThat(events).hasSize(1);
        }
    }

    /** The first steps leave the discriminators and their optimiser as they were, also over a restart. */
    @Test
    void discriminatorsWaitForTheirStep() throws IOException {
        TinyRun run = new TinyRun(folder, 4);
        Path out = folder.resolve("out");
        for (int steps = 1; steps <= 4; steps++) {
            TrainingOptions plain = run.options(out, steps);
            run.train(new TrainingOptions(plain.data(), out, null, steps, 1000, plain.intervals(), 100, 8, 2, 1,
                    Double.POSITIVE_INFINITY, 0, 0, 1));
        }
        Checkpoint first = Checkpoint.read(out.resolve("g_00000000"), out.resolve("do_00000000"));
        Checkpoint second = Checkpoint.read(out.resolve("g_00000001"), out.resolve("do_00000001"));
        Checkpoint last = Checkpoint.read(out.resolve("g_00000003"), out.resolve("do_00000003"));
        assertThat(second.discriminatorOptimiser().steps()).isZero();
        assertThat(second.generatorOptimiser().steps()).isEqualTo(2);
        assertThat(last.discriminatorOptimiser().steps()).isEqualTo(2);
        assertThat(last.generatorOptimiser().steps()).isEqualTo(4);
        String weight = "discriminators.0.conv_post.weight_v";
        assertThat(second.mpd().get(weight).floats()).isEqualTo(first.mpd().get(weight).floats());
        assertThat(last.mpd().get(weight).floats()).isNotEqualTo(first.mpd().get(weight).floats());
        assertThat(second.generator().get("conv_pre.weight_v").floats())
                .isNotEqualTo(first.generator().get("conv_pre.weight_v").floats());
        assertThat(new History(out, Long.MAX_VALUE).rows().getFirst().discriminators()).isZero();
    }

    /** The weighted loss is part of the generator's total, with and without discriminators; short segments are refused. */
    @Test
    void stftLossIsAdded() throws IOException {
        TinyRun run = new TinyRun(folder, 4);
        TrainingOptions plain = run.options(folder.resolve("out"), 4);
        TrainingOptions weighted = new TrainingOptions(plain.data(), plain.out(), null, 4, 1000, plain.intervals(), 100,
                8, 2, 2, Double.POSITIVE_INFINITY, 100, 0, 1);
        assertThatThrownBy(() -> run.train(weighted)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("segment_size is 256, expected at least 1025 for the STFT loss");
        Files.writeString(run.configFile(), Files.readString(run.configFile()).replace(": 256", ": 1040"));
        run.train(weighted);
        List<History.Row> rows = new History(plain.out(), Long.MAX_VALUE).rows();
        for (int step : new int[] {0, 3}) {
            History.Row row = rows.get(step);
            assertThat(row.generator() - MelLoss.WEIGHT * row.melError()).as("step " + step).isGreaterThan(50);
        }
        assertThatThrownBy(() -> new TrainingOptions(plain.data(), plain.out(), null, 4, 1000, plain.intervals(), 100,
                8, 2, 2, 1, Double.NaN, 0, 1)).hasMessage("weight of the STFT loss is NaN, expected at least 0");
    }

    /** With each kind of thing that a step may do; a single buffer that is left behind per step shows. */
    @Test
    void stepsLeaveNothingBehind() throws IOException {
        TinyRun run = new TinyRun(folder, 6);
        TrainingOptions plain = run.options(folder.resolve("out"), 60);
        int[] live = new int[3];
        try (CpuBackend backend = new CpuBackend(2)) {
            TinyRun.Lines lines = new TinyRun.Lines();
            Monitor monitor = new Monitor() {
                private int steps;

                @Override
                public void say(String line) {}

                @Override
                public void starts(long remaining) {
                    live[2] = (int) remaining;
                }

                @Override
                public void stepped(double seconds) {
                    steps++;
                    live[steps <= 2 ? 0 : 1] = backend.liveBuffers();
                }

                @Override
                public boolean stopRequested() {
                    return lines.stopRequested();
                }
            };
            new Trainer(run.config(), new TrainingOptions(plain.data(), plain.out(), null, 60, 1000,
                    new TrainingOptions.Intervals(100, 25, 10, 20), 1, 8, 0, 1, Double.POSITIVE_INFINITY, 0, 0.9, 1),
                    List.of(backend), monitor).train();
            assertThat(live[1]).isEqualTo(live[0]);
            assertThat(live[2]).isEqualTo(60);
            assertThat(backend.liveBuffers()).isZero();
        }
    }

    /** Against gradients and clipping by hand: L = w·x, so the gradients are the inputs. */
    @Test
    void gradientsAreAveragedAndClipped() {
        try (Backend backend = new ReferenceBackend(); Scope owner = Scope.unattached(); Scope scope = Scope.open()) {
            Conv1dLayer layer = new Conv1dLayer(Weights.random(backend, owner, 1), 1, 1, 1,
                    new aulos.engine.ConvSpec(1, 0, 1, 1), WeightForm.PLAIN);
            try (AdamW optimiser = new AdamW(layer.parameters(), 0.1, 0.5, 0.5)) {
                GradientSum sum = new GradientSum(optimiser.tensors(), 2, GradientExchange.ALONE);
                for (double x : List.of(2.0, 6.0)) {
                    try (Scope part = Scope.open(); Tape tape = Tape.open()) {
                        sum.add(tape, layer.forward(Tensor.of(backend, Shape.of(1, 1, 1), x)).sum());
                    }
                }
                // Mean gradient: 4 in the weight, 1 in the bias; norm √17. First moment: half of it.
                sum.apply(optimiser, 1);
                List<AdamW.Moments> moments = optimiser.moments();
                int bias = layer.parameters().getFirst().name().equals("bias") ? 0 : 1;
                assertThat(moments.get(bias).mean().get(0)).isCloseTo(0.5 / Math.sqrt(17), within(1e-6));
                assertThat(moments.get(1 - bias).mean().get(0)).isCloseTo(2 / Math.sqrt(17), within(1e-6));
            }
        }
    }
}
