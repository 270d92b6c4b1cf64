// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.serve;

import java.io.IOException;

/**
 * Something is wrong with the server's own files, and no client's doing: answered with 500, and logged with its cause.
 * The message is for the client, so it names no file of this machine.
 */
final class ServerFault extends IOException {
    private static final long serialVersionUID = 1;

    ServerFault(String message, Exception cause) {
        super(message, cause);
    }
}
