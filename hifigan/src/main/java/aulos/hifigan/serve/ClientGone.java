// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.serve;

import java.io.IOException;

/** The connection is of no use any more: the client has closed it, its time was up, or its request cannot be followed. */
final class ClientGone extends IOException {
    private static final long serialVersionUID = 1;

    ClientGone(Throwable cause) {
        super(cause);
    }
}
