// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

/**
 * A buffer and the count of those who hold it: the scopes that own a tensor on it, and the tape while a vector–Jacobian
 * product will read it. At zero the buffer goes back to its backend. Confined to one thread, like scopes and tapes.
 */
final class Storage {
    final Backend backend;
    private final Backend.Buffer buffer;
    private final Throwable allocationSite;
    private int holders;

    Storage(Backend backend, int length) {
        this.backend = backend;
        this.buffer = backend.allocate(length);
        this.allocationSite = Leaks.opened(this);
    }

    Backend.Buffer buffer() {
        if (holders == 0) {
            throw new IllegalStateException("a tensor was used after its scope had freed it");
        }
        return buffer;
    }

    void retain() {
        holders++;
    }

    void release() {
        if (--holders == 0) {
            backend.free(buffer);
            Leaks.closed(this);
        } else if (holders < 0) {
            throw new IllegalStateException("a tensor was freed twice");
        }
    }

    Throwable allocationSite() {
        return allocationSite;
    }
}
