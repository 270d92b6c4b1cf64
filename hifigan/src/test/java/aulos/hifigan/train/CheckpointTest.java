// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aulos.engine.Backend;
import aulos.engine.NdArray;
import aulos.engine.Shape;
import aulos.engine.nn.AdamW;
import aulos.hifigan.io.PyTorchFile;
import aulos.hifigan.model.HifiGanConfig;
import aulos.hifigan.testing.Golden;
import aulos.hifigan.testing.Python;
import aulos.kernels.cpu.CpuBackend;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {
    private static final int DIVISOR = 8;

    @TempDir
    private Path folder;

    @Test
    void anOfficialPairIsReadAndWrittenAgainAsItWas() throws IOException {
        Path golden = Golden.folder("checkpoints");
        HifiGanConfig config = HifiGanConfig.read(golden.resolve("config.json"));
        Path original = golden.resolve("do_00000004");
        Checkpoint checkpoint = Checkpoint.read(golden.resolve("g_00000004"), original);
        assertThat(checkpoint.steps()).isEqualTo(4);
        Path copy = folder.resolve("do_00000004");
        try (Backend backend = new CpuBackend(1);
                Networks networks = Networks.of(config, DIVISOR, checkpoint.start(), backend)) {
            checkpoint.restore(networks);
            networks.startEpoch(checkpoint.epoch());
            PyTorchFile.write(copy, Checkpoint.rest(networks, config.training(), 4, checkpoint.epoch(), false));
            Checkpoint.writeGenerator(folder.resolve("g_00000004"), networks.generator().stateDict());
        }
        assertSame("do", PyTorchFile.read(original), PyTorchFile.read(copy));
        assertSame("g", PyTorchFile.read(golden.resolve("g_00000004")), PyTorchFile.read(folder.resolve("g_00000004")));
    }

    /** Keys, their order, kinds and values. */
    private static void assertSame(String place, Object expected, Object actual) {
        switch (expected) {
            case null -> assertThat(actual).as(place).isNull();
            case Map<?, ?> map -> {
                assertThat(actual).as(place).hasSameClassAs(map);
                assertThat(new ArrayList<Object>(((Map<?, ?>) actual).keySet())).as(place)
                        .isEqualTo(new ArrayList<Object>(map.keySet()));
                map.forEach((key, value) -> assertSame(place + "." + key, value, ((Map<?, ?>) actual).get(key)));
            }
            case List<?> list -> {
                assertThat(actual).as(place).hasSameClassAs(list);
                assertThat((List<?>) actual).as(place).hasSameSizeAs(list);
                for (int i = 0; i < list.size(); i++) {
                    assertSame(place + "." + i, list.get(i), ((List<?>) actual).get(i));
                }
            }
            case NdArray array -> {
                assertThat(((NdArray) actual).shape()).as(place).isEqualTo(array.shape());
                assertThat(((NdArray) actual).doubles()).as(place).isEqualTo(array.doubles());
            }
            default -> assertThat(actual).as(place).isEqualTo(expected);
        }
    }

    @Test
    void stepsOfOldVersionsAreIntegersAndParametersAddresses() throws IOException {
        NdArray one = NdArray.of(Shape.of(1), 1f);
        Map<Object, Object> states = new LinkedHashMap<>();
        states.put(140_000_000_000L, Map.of("step", 12L, "exp_avg", one, "exp_avg_sq", one));
        Map<Object, Object> tree = new LinkedHashMap<>(Map.of("state", states, "param_groups",
                List.of(Map.of("params", List.of(140_000_000_000L)))));
        OptimiserState state = OptimiserState.fromTree("optim_g", tree);
        assertThat(state.steps()).isEqualTo(12);
        assertThat(state.moments()).hasSize(1);
        states.put(140_000_000_000L, Map.of("step", "12", "exp_avg", one, "exp_avg_sq", one));
        assertThatThrownBy(() -> OptimiserState.fromTree("optim_g", tree)).isInstanceOf(IOException.class)
                .hasMessage("optim_g.state.140000000000.step is a String, expected an integer");
        states.put(7L, states.remove(140_000_000_000L));
        assertThatThrownBy(() -> OptimiserState.fromTree("optim_g", tree)).isInstanceOf(IOException.class)
                .hasMessage("optim_g.state.140000000000 is missing, expected a dict");
        states.clear();
        assertThat(OptimiserState.fromTree("optim_g", tree).steps()).as("before the first step").isZero();
    }

    @Test
    void foldedAndRenamedWeightsBecomeTrainable() throws IOException {
        HifiGanConfig config = new TinyRun(folder, 1).config();
        Map<String, NdArray> state = new LinkedHashMap<>();
        config.foldedParameters().forEach((name, shape) -> state.put(name, NdArray.of(shape, new float[shape.size()])));
        NdArray v = NdArray.of(Shape.of(8, 8, 7), ramp(8 * 8 * 7));
        state.put("conv_pre.weight", v);
        NdArray post = state.remove("conv_post.weight");
        state.put("conv_post.parametrizations.weight.original0", NdArray.of(Shape.of(1, 1, 1), 2f));
        state.put("conv_post.parametrizations.weight.original1", post);
        Map<String, NdArray> trainable = TrainableWeights.of(config, state);
        assertThat(trainable.keySet()).containsExactlyInAnyOrderElementsOf(config.weightNormParameters().keySet());
        assertThat(trainable.get("conv_pre.weight_v").floats()).isSameAs(v.floats());
        double squares = 0;
        for (int i = 0; i < 56; i++) {
            squares += (double) i * i;
        }
        assertThat(trainable.get("conv_pre.weight_g").floats()[0]).isEqualTo((float) Math.sqrt(squares));
        assertThat(trainable.get("conv_post.weight_g").floats()).containsExactly(2f);
    }

    private static float[] ramp(int length) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = i;
        }
        return values;
    }

    @Test
    void pytorchResumesFromOurs() throws Exception {
        Optional<Python> python = Python.withTorch();
        Assumptions.assumeTrue(python.isPresent(), "no PyTorch");
        TinyRun run = new TinyRun(folder, 4);
        run.train(run.options(folder.resolve("out"), 2));
        String script = """
                import sys, torch
                g = torch.load(sys.argv[1] + '/g_00000001', map_location='cpu')
                do = torch.load(sys.argv[1] + '/do_00000001', map_location='cpu')
                assert do['steps'] == 1 and do['epoch'] == 0, do.keys()
                for name, params in (('optim_g', [v for v in g['generator'].values()]),):
                    optimiser = torch.optim.AdamW([torch.nn.Parameter(p) for p in params], 1.0)
                    optimiser.load_state_dict(do[name])
                    torch.optim.lr_scheduler.ExponentialLR(optimiser, gamma=0.9, last_epoch=0)
                    for p in optimiser.param_groups[0]['params']:
                        p.grad = torch.zeros_like(p)
                    optimiser.step()
                    assert all(s['step'] == 3 for s in optimiser.state.values())
                """;
        assertThat(python.get().run(script, folder.resolve("out").toString())).isEmpty();
    }

    @Test
    void anOptimiserThatHasNotStartedHasNoState() {
        OptimiserState state = new OptimiserState(0, List.of(new AdamW.Moments(null, null)));
        assertThat(state.toTree(HifiGanConfig.V1.training(), 1e-4)).containsEntry("state", Map.of());
    }
}
