// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aulos.engine.NdArray;
import aulos.engine.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
        PyTorchFile.write(folder.resolve("g"), Map.of("generator", Map.of("bias", bias)));
        PyTorchFile.write(folder.resolve("plain.safetensors"), Map.of("bias", bias));
        Safetensors.write(folder.resolve("folded.pt"), Map.of("bias", bias), Map.of());
        for (String name : List.of("g", "plain.safetensors", "folded.pt")) {
            Map<String, NdArray> read = StateDict.fromCheckpoint(folder.resolve(name));
            assertThat(read).as(name).containsOnlyKeys("bias");
            assertThat(read.get("bias").floats()).containsExactly(1, 2);
        }
    }

    @Test
    void otherFilesAreRefusedWithWhatTheyHold() throws IOException {
        Path file = folder.resolve("do_00000001");
        PyTorchFile.write(file, Map.of("optim_g", Map.of()));
        assertThatThrownBy(() -> StateDict.fromCheckpoint(file)).isInstanceOf(IOException.class)
                .hasMessage(file + ": the checkpoint holds 'optim_g', expected 'generator': this is the do_ file of "
                        + "discriminators and optimisers, the weights are in the g_ file beside it");
        PyTorchFile.write(file, Map.of("generator", Map.of("bias", 1L)));
        assertThatThrownBy(() -> StateDict.fromCheckpoint(file)).hasMessageContaining("'bias' is not a tensor");
        PyTorchFile.write(file, List.of(1L));
        assertThatThrownBy(() -> StateDict.fromCheckpoint(file)).hasMessageContaining("not a dict");
        PyTorchFile.write(file, Map.of());
        assertThatThrownBy(() -> StateDict.fromCheckpoint(file)).hasMessageContaining("is empty");
        Files.writeString(file, "{\"resblock\": \"1\"}");
        assertThatThrownBy(() -> StateDict.fromCheckpoint(file))
                .hasMessage(file + ": neither a PyTorch checkpoint nor a safetensors file");
    }
}
