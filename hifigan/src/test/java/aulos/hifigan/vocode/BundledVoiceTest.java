// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.vocode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import aulos.engine.Shape;
import aulos.hifigan.model.HifiGanConfig;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class BundledVoiceTest {
    @Test
    void aMissingResourceIsNamed() {
        assertThatThrownBy(() -> Voice.resource("absent.safetensors")).isInstanceOf(IOException.class).hasMessage(
                "the bundled voice is missing: this build has no resource /aulos/voices/" + Voice.BUNDLED_NAME
                        + "/absent.safetensors; give a voice with --checkpoint");
    }

    @Test
    void isSmallAndOfTheUsualMel() throws IOException {
        boolean there = Voice.class.getResource("/aulos/voices/" + Voice.BUNDLED_NAME + "/config.json") != null;
        if (!there) {
            System.err.println("SKIPPED: the bundled voice, which this source tree does not have yet");
        }
        assumeTrue(there);
        assertThat(Voice.resource("generator.safetensors")).hasSizeLessThan(4_000_000);
        Voice voice = Voice.bundled();
        assertThat(voice.config().mel()).isEqualTo(HifiGanConfig.V1.mel());
        assertThat(voice.config().foldedParameters().values().stream().mapToLong(Shape::size).sum())
                .isLessThanOrEqualTo(930_000);
    }
}
