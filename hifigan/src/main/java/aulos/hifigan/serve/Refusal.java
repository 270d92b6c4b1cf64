// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.serve;

/** A request that is answered with an error; the message is for the client, so it names no file of this machine. */
sealed class Refusal extends Exception permits Places.Full {
    static final int BAD_REQUEST = 400;
    static final int FORBIDDEN = 403;
    static final int NOT_FOUND = 404;
    static final int METHOD_NOT_ALLOWED = 405;
    static final int TOO_SLOW = 408;
    static final int TOO_LARGE = 413;
    static final int UNSUPPORTED_TYPE = 415;
    static final int MISDIRECTED = 421;
    static final int INTERNAL = 500;
    static final int UNAVAILABLE = 503;

    private final int status;

    Refusal(int status, String message) {
        super(message);
        this.status = status;
    }

    int status() {
        return status;
    }
}
