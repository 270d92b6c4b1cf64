// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio.flac;

import java.io.IOException;
import java.io.Serial;

/** A frame is not as it should be; {@link FlacDecoder} knows which one. */
final class Damage extends IOException {
    @Serial
    private static final long serialVersionUID = 1;

    Damage(String message) {
        super(message);
    }
}
