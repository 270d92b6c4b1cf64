// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import aulos.engine.NdArray;
import aulos.engine.Shape;
import aulos.hifigan.io.Protobuf;
import aulos.hifigan.model.HifiGanConfig;
import aulos.hifigan.model.WeightNorm;
import aulos.hifigan.testing.Fill;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That the model computes what it should, ONNX Runtime says in module bench. */
class OnnxExportTest {
    @TempDir
    private Path folder;

    @Test
    void writesProtobuf() {
        byte[] bytes = new Protobuf().integer(1, 300).fixed32(2, 1).text(3, "é").integer(20, -1)
                .message(4, new Protobuf().integer(1, 0)).toBytes();
        assertThat(HexFormat.of().formatHex(bytes)).isEqualTo(
                "08ac02" + "150000803f" + "1a02c3a9" + "a001ffffffffffffffffff01" + "22020800");
    }

    @Test
    void leavesOneFileOfTheExpectedSize() throws IOException {
        HifiGanConfig config = HifiGanConfig.V2;
        Path file = folder.resolve("v2.onnx");
        Files.writeString(file, "old");
        OnnxExport.write(file, config, weights(config));
        long weights = 4 * config.foldedParameters().values().stream().mapToLong(Shape::size).sum();
        assertThat(Files.size(file)).isBetween(weights, weights + 50_000);
        assertThat(folder).isDirectoryContaining(file::equals);
        assertThat(folder.toFile().list()).hasSize(1);
    }

    @Test
    void saysWhichWeightDoesNotFitAndLeavesNothing() {
        HifiGanConfig config = HifiGanConfig.V2;
        Path file = folder.resolve("v2.onnx");
        Map<String, NdArray> missing = new LinkedHashMap<>(weights(config));
        missing.remove("ups.3.bias");
        assertThatIllegalArgumentException().isThrownBy(() -> OnnxExport.write(file, config, missing))
                .withMessage("onnx export: weight ups.3.bias is missing, the configuration expects [8]");
        missing.put("ups.3.bias", NdArray.of(Shape.of(8), new float[8]));
        missing.put("ups.9.bias", NdArray.of(Shape.of(8), new float[8]));
        assertThatIllegalArgumentException().isThrownBy(() -> OnnxExport.write(file, config, missing))
                .withMessageContaining("the first is ups.9.bias");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void namesTheFolderThatIsNotThere() {
        Path file = folder.resolve("none/v2.onnx");
        assertThatIOException()
                .isThrownBy(() -> OnnxExport.write(file, HifiGanConfig.V2, weights(HifiGanConfig.V2)))
                .withMessage(file + ": cannot be written: there is no folder " + file.getParent());
    }

    private static Map<String, NdArray> weights(HifiGanConfig config) {
        return WeightNorm.fold(config, Fill.generator(config, "", 0.6));
    }
}
