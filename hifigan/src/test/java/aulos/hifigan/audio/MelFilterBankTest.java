// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import aulos.engine.NdArray;
import aulos.engine.Shape;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class MelFilterBankTest {
    @Test
    void equalsTheGoldenBank() throws IOException {
        Path golden = Path.of("../../shared/golden/mel/values.safetensors");
        if (!Files.exists(golden)) {
            System.err.println("SKIPPED: golden mel filters, ../shared/golden/mel is absent");
        }
        assumeThat(golden).exists();
        ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(golden)).order(ByteOrder.LITTLE_ENDIAN);
        byte[] json = new byte[(int) file.getLong()];
        file.get(json);
        JsonObject entry = JsonParser.parseString(new String(json, StandardCharsets.UTF_8)).getAsJsonObject()
                .getAsJsonObject("basis_80_8000");
        JsonArray offsets = entry.getAsJsonArray("data_offsets");
        int start = file.position() + offsets.get(0).getAsInt();

        NdArray bank = MelFilterBank.slaney(22_050, 1024, 80, 0, 8000.0);
        assertThat(bank.shape()).isEqualTo(Shape.of(80, 513));
        for (int i = 0; i < bank.shape().size(); i++) {
            assertThat(bank.get(i)).isCloseTo(file.getFloat(start + 4 * i), within(2e-9));
        }
    }

    /** Values of the same bank, for those who have no golden files. */
    @Test
    void knownValues() {
        NdArray bank = MelFilterBank.slaney(22_050, 1024, 80, 0, 8000.0);
        assertThat(bank.get(0)).isZero();
        assertThat(bank.get(1)).isCloseTo(0.015527721, within(1e-9));
        assertThat(bank.get(3)).isCloseTo(0.0071236696, within(1e-9));
        assertThat(bank.get(10 * 513 + 18)).isCloseTo(0.0109648155, within(1e-9));
        assertThat(bank.get(79 * 513 + 360)).isCloseTo(0.002782832, within(1e-9));
        assertThat(bank.get(79 * 513 + 372)).isZero();
    }

    @Test
    void everyFilterHasTheSameArea() {
        int bins = 8193;
        NdArray bank = MelFilterBank.slaney(24_000, 16_384, 20, 50, null);
        for (int m = 0; m < 20; m++) {
            double area = 0;
            for (int k = 0; k < bins; k++) {
                area += bank.get(m * bins + k) * 24_000 / 16_384;
            }
            assertThat(area).as("filter %s", m).isCloseTo(1, within(1e-3));
        }
    }

    @Test
    void wrongNumbers() {
        assertThatThrownBy(() -> MelFilterBank.slaney(22_050, 1024, 80, 9000, 8000.0))
                .hasMessage("mel filters: fmin 9000.0 and fmax 8000.0 Hz, expected 0 ≤ fmin < fmax");
        assertThatThrownBy(() -> MelFilterBank.slaney(22_050, 1024, 0, 0, null))
                .hasMessage("mel filters: 0 mels, n_fft 1024, sampling rate 22050, expected at least 1, 2, 1");
    }

    @Test
    void hannIsPeriodic() {
        assertThat(HannWindow.periodic(4)).containsExactly(new double[] {0, 0.5, 1, 0.5}, within(1e-15));
    }
}
