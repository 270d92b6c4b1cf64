// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.serve;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/**
 * The places in the queue. A request has one while it is worked on, not while its client lets what is ready wait: so who
 * reads slowly keeps nobody out.
 */
final class Places {
    /** There is no place. */
    static final class Full extends Refusal {
        private static final long serialVersionUID = 1;

        private Full(String message) {
            super(UNAVAILABLE, message);
        }
    }

    private final int capacity;
    private final int most;
    private int working;
    private int all;

    /**
     * @param capacity how many there are
     * @param most requests that have a place or wait for their reader, at most
     */
    Places(int capacity, int most) {
        this.capacity = capacity;
        this.most = most;
    }

    /** Requests that have a place. */
    synchronized int inFlight() {
        return working;
    }

    /** Requests that wait for their reader. */
    synchronized int unread() {
        return all - working;
    }

    /** @throws Full if there is no place now */
    synchronized void requireRoom() throws Full {
        if (working >= capacity) {
            throw new Full(capacity + " requests are being worked on, try again later");
        }
        if (all >= most) {
            throw new Full(most + " answers wait for their readers, try again later");
        }
    }

    /** @throws Full if there is no place now */
    synchronized Place take() throws Full {
        requireRoom();
        working++;
        all++;
        return new Place();
    }

    private synchronized void change(int more, int moreInAll) {
        working += more;
        all += moreInAll;
    }

    /** One request's; for one thread. */
    final class Place implements AutoCloseable {
        private boolean held = true;

        private Place() {}

        /** Others may have it from now on. */
        void leave() {
            if (held) {
                held = false;
                change(-1, 0);
            }
        }

        /** After {@link #leave}: one more is worked on, whether there is room or not. */
        private void comeBack() {
            held = true;
            change(1, 0);
        }

        /** A stream that leaves the place while the client takes what is written. */
        OutputStream leftWhileWriting(OutputStream out) {
            return new FilterOutputStream(out) {
                @Override
                public void write(byte[] bytes, int offset, int length) throws IOException {
                    leave();
                    out.write(bytes, offset, length);
                    comeBack();
                }

                @Override
                public void flush() throws IOException {
                    leave();
                    out.flush();
                    comeBack();
                }
            };
        }

        @Override
        public void close() {
            leave();
            change(0, -1);
        }
    }
}
