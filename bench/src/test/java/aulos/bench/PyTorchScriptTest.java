// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;

class PyTorchScriptTest {
    /** What PyTorch computes is compared where it is: by {@code bench peers --pytorch}. */
    @Test
    void namesEachWeightOnce() throws IOException {
        for (Model model : Model.values()) {
            Map<String, String> entries = entries(PyTorchScript.archive(model.config()));
            assertThat(entries.keySet()).containsExactly("generator/data.pkl", "generator/code/__torch__.py",
                    "generator/constants.pkl", "generator/version");
            String code = entries.get("generator/code/__torch__.py");
            int weights = model.config().foldedParameters().size();
            for (int i = 0; i < weights; i++) {
                assertThat(code.split("w\\[" + i + "\\]", -1)).as(model + ", weight " + i).hasSize(2);
            }
            assertThat(code).doesNotContain("w[-1]", "w[" + weights + "]").endsWith("return torch.tanh(x)\n");
        }
    }

    private static Map<String, String> entries(byte[] archive) throws IOException {
        Map<String, String> entries = new LinkedHashMap<>();
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(archive))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                entries.put(entry.getName(), new String(zip.readAllBytes(), StandardCharsets.ISO_8859_1));
            }
        }
        return entries;
    }
}
