// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aulos.engine.NdArray;
import aulos.engine.Shape;
import aulos.engine.io.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StateDictTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"g_00000004", "g_legacy"})
    void goldenGeneratorsAreReadToTheBit(String name) throws IOException {
        Map<String, NdArray> expected =
                Safetensors.read(Golden.file("checkpoints/expected_generator.safetensors"));
        Map<String, NdArray> read = StateDict.fromCheckpoint(Golden.file("checkpoints/" + name));
        assertThat(read.keySet()).containsExactlyInAnyOrderElementsOf(expected.keySet()).hasSize(234);
        expected.forEach((key, array) -> {
            assertThat(read.get(key).shape()).as(key).isEqualTo(array.shape());
            assertThat(read.get(key).floats()).as(key).isEqualTo(array.floats());
        });
    }

    @Test
    void everyContainerIsKnownByItsContent() throws IOException {
        NdArray bias = NdArray.of(Shape.of(2), 1f, 2f);
        PyTorchFile.write(folder.resolve("g"), Map.of("generator", Map.of("conv_pre.bias", bias)));
        PyTorchFile.write(folder.resolve("plain.safetensors"), Map.of("conv_pre.bias", bias));
        Safetensors.write(folder.resolve("folded.pt"), Map.of("conv_pre.bias", bias), Map.of());
        for (String name : List.of("g", "plain.safetensors", "folded.pt")) {
            Map<String, NdArray> read = StateDict.fromCheckpoint(folder.resolve(name));
            assertThat(read).as(name).containsOnlyKeys("conv_pre.bias");
            assertThat(read.get("conv_pre.bias").floats()).containsExactly(1, 2);
        }
    }

    private static Map<Object, Object> named(String prefix) {
        Map<Object, Object> state = new LinkedHashMap<>();
        state.put(prefix + "conv_pre.weight_g", NdArray.of(Shape.of(1, 1, 1), 2f));
        state.put(prefix + "conv_pre.weight_v", NdArray.of(Shape.of(1, 1, 1), 3f));
        state.put(prefix + "ups.0.bias", NdArray.of(Shape.of(1), 4f));
        return state;
    }

    private static Map<Object, Object> with(Map<Object, Object> map, Object key, Object value) {
        map.put(key, value);
        return map;
    }

    static Map<String, Object> wrappings() {
        NdArray other = NdArray.of(Shape.of(1), 9f);
        Map<Object, Object> coqui = named("model_g.");
        coqui.put("model_d.mpd.convs.0.bias", other);
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("", named(""));
        all.put("module", named("module."));
        all.put("model_g", coqui);
        all.put("generator", Map.of("generator", named("")));
        all.put("generator.module", Map.of("generator", named("module."), "extra", named("")));
        all.put("model.model_g", Map.of("model", coqui, "step", 7L, "config", Map.of("sample_rate", 22050L)));
        all.put("state_dict.module.generator", Map.of("state_dict", named("module.generator.")));
        all.put("gen", Map.of("gen", named(""), "disc", Map.of("convs.0.bias", other)));
        all.put("generator.model", Map.of("generator", Map.of("model", named(""), "step", 1L)));
        return all;
    }

    @Test
    void theSameWeightsInAnyWrappingAreTheSameWeights() throws IOException {
        Path file = folder.resolve("x");
        for (Map.Entry<String, Object> each : wrappings().entrySet()) {
            PyTorchFile.write(file, each.getValue());
            Map<String, NdArray> read = StateDict.fromCheckpoint(file);
            assertThat(read.keySet()).as(each.getKey())
                    .containsExactlyInAnyOrder("conv_pre.weight_g", "conv_pre.weight_v", "ups.0.bias");
            assertThat(read.get("ups.0.bias").floats()).containsExactly(4);
            CheckpointContents.Generator generator = CheckpointContents.read(file).generator();
            assertThat(generator.place()).isEqualTo(each.getKey());
            assertThat(generator.part()).isEqualTo(new CheckpointContents.Part(3, 3, true));
        }
        Safetensors.write(file, Map.of("a.conv_pre.bias", NdArray.of(Shape.of(1), 5f)), Map.of());
        assertThat(StateDict.fromCheckpoint(file)).containsOnlyKeys("conv_pre.bias");
        PyTorchFile.write(file, with(named(""), "epoch", 3L));
        assertThat(StateDict.fromCheckpoint(file)).hasSize(3);
    }

    @Test
    void anotherModelOrTwoGeneratorsAreRefusedByName() throws IOException {
        Path file = folder.resolve("x");
        NdArray array = NdArray.of(Shape.of(1), 1f);
        PyTorchFile.write(file, Map.of("gen", named(""), "gen_ema", named("")));
        assertThatThrownBy(() -> StateDict.fromCheckpoint(file)).hasMessageContaining("several generators")
                .hasMessageContaining("'gen_ema'").hasMessageContaining("torch.save({'generator': generator.state_dict()}");
        Map<String, List<String>> foreign = Map.of(
                "VITS", List.of("dec.conv_pre.weight", "enc_p.emb.weight"),
                "Glow-TTS", List.of("encoder.pre.weight", "decoder.flows.0.logs"),
                "BigVGAN", List.of("conv_pre.bias", "resblocks.0.activations.0.act.alpha"),
                "NSF-HiFiGAN", List.of("conv_pre.bias", "noise_convs.0.bias"),
                "ParallelWaveGAN's", List.of("input_conv.bias", "output_conv.1.bias"),
                "WaveGlow", List.of("WN.0.start.bias", "convinv.0.conv.weight"));
        for (Map.Entry<String, List<String>> model : foreign.entrySet()) {
            Map<Object, Object> state = new LinkedHashMap<>();
            model.getValue().forEach(name -> state.put(name, array));
            for (Object tree : List.of(state, Map.of("model", state), Map.of("generator", state))) {
                PyTorchFile.write(file, tree);
                assertThatThrownBy(() -> StateDict.fromCheckpoint(file)).isInstanceOf(IOException.class)
                        .hasMessageContaining(model.getKey()).hasMessageContaining("expected a HiFi-GAN generator");
            }
        }
        PyTorchFile.write(file, Map.of("model", Map.of("a.b", array)));
        assertThatThrownBy(() -> StateDict.fromCheckpoint(file)).hasMessage(file + ": the checkpoint holds 'model', "
                + "expected 'generator' or any dict with a 'conv_pre': save the generator alone, "
                + "torch.save({'generator': generator.state_dict()}, 'g_00000000')");
    }

    /** What is there and what was expected are not the same. */
    @Test
    void aGeneratorOfAnotherKindIsSaidByItsNames() throws IOException {
        Path file = folder.resolve("x");
        PyTorchFile.write(file, Map.of("generator", Map.of("layers.0.weight", NdArray.of(Shape.of(1), 1f))));
        assertThatThrownBy(() -> StateDict.fromCheckpoint(file)).hasMessage(file + ": the checkpoint's 'generator' holds "
                + "'layers.0.weight', expected the 'conv_pre' of a HiFi-GAN generator: save the generator alone, "
                + "torch.save({'generator': generator.state_dict()}, 'g_00000000')");
        PyTorchFile.write(file, Map.of("generator", 1L));
        assertThatThrownBy(() -> StateDict.fromCheckpoint(file)).hasMessageContaining("'s 'generator' is not a dict");
        PyTorchFile.write(file, Map.of("generator", Map.of(), "optim_g", Map.of()));
        assertThatThrownBy(() -> StateDict.fromCheckpoint(file)).hasMessageContaining("'s 'generator' is empty");
    }

    @Test
    void otherFilesAreRefusedWithWhatTheyHold() throws IOException {
        Path file = folder.resolve("do_00000001");
        PyTorchFile.write(file, Map.of("optim_g", Map.of()));
        assertThatThrownBy(() -> StateDict.fromCheckpoint(file)).isInstanceOf(IOException.class)
                .hasMessage(file + ": the checkpoint holds 'optim_g', expected 'generator': this is the do_ file of "
                        + "discriminators and optimisers, the weights are in the g_ file beside it");
        PyTorchFile.write(file, Map.of("generator", Map.of("conv_pre.bias", 1L)));
        assertThatThrownBy(() -> StateDict.fromCheckpoint(file))
                .hasMessageContaining("'conv_pre.bias' is not a tensor");
        PyTorchFile.write(file, List.of(1L));
        assertThatThrownBy(() -> StateDict.fromCheckpoint(file)).hasMessageContaining("not a dict");
        PyTorchFile.write(file, Map.of());
        assertThatThrownBy(() -> StateDict.fromCheckpoint(file)).hasMessageContaining("is empty");
        Files.writeString(file, "{\"resblock\": \"1\"}");
        assertThatThrownBy(() -> StateDict.fromCheckpoint(file))
                .hasMessage(file + ": neither a PyTorch checkpoint nor a safetensors file");
    }
}
