// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.io;

import java.io.IOException;

/**
 * The memory that unpickling may ask for, in proportion to the bytes it is read from: each opcode says what its result
 * takes before it makes it. The estimates are generous, and include what walking the result takes later; a tensor of
 * {@code torch.save} comes to some 3,000 bytes for at least 100 of the file. How many tensors there may be does not
 * depend on the file, since each costs time that a few bytes of a pickle can ask for.
 */
final class PickleBudget {
    /** Ten times those of the largest training state. */
    static final int MOST_TENSORS = 20_000;

    /** A reference on the stack or in a container. */
    static final int SLOT = 8;
    /** A boxed number. */
    static final int NUMBER = 24;
    /** A string without its characters. */
    static final int TEXT = 64;
    /** An empty list, dict or tuple, and the room it makes for its first elements. */
    static final int CONTAINER = 200;
    /** An entry of a dict, or of the memo. */
    static final int ENTRY = 56;
    /** A mark, and the list of what is above it. */
    static final int MARK = 100;
    /** What a call of a class gives, a tensor's description for instance, and the array it becomes. */
    static final int CALL = 400;
    /** A block of elements that is named. */
    static final int STORAGE = 100;

    private static final long BASE = 1 << 20;
    private static final int PER_BYTE = 64;
    private static final long MOST = 96 << 20;

    private final long bytes;
    private long left;
    private int tensors;

    /** @param bytes that the pickle has, at most */
    PickleBudget(long bytes) {
        this.bytes = bytes;
        this.left = Math.min(BASE + PER_BYTE * Math.min(bytes, MOST), MOST);
    }

    void charge(long cost) throws IOException {
        left -= cost;
        if (left < 0) {
            throw new IOException("the pickle asks for more memory than " + bytes + " bytes of checkpoint can need");
        }
    }

    /** @throws IOException if there are too many */
    void countTensor() throws IOException {
        if (++tensors > MOST_TENSORS) {
            throw new IOException("the pickle describes more than " + MOST_TENSORS + " tensors");
        }
    }
}
