// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio.flac;

import java.io.IOException;
import java.io.Serial;

/** A FLAC stream is damaged, or is none; the message begins with a verb, for the stream's name to stand before it. */
public final class FlacException extends IOException {
    @Serial
    private static final long serialVersionUID = 1;

    FlacException(String message) {
        super(message);
    }
}
