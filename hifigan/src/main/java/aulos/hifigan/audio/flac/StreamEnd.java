// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio.flac;

import java.io.IOException;
import java.io.Serial;

/** The stream ended where more should have come; {@link FlacDecoder} knows inside what. */
final class StreamEnd extends IOException {
    @Serial
    private static final long serialVersionUID = 1;
}
