// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio.flac;

import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** The bits of a stream, the most significant of each byte first, and the checksum of those read. */
final class BitInput {
    /** How many bits {@link #peek} is sure to hold. */
    private static final int PEEKED = 57;

    private static final int CAPACITY = 1 << 16;
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final InputStream in;

    /** At least 8 zeros follow what was read. */
    private final byte[] bytes = new byte[CAPACITY + Long.BYTES];
    private int end;
    private boolean ended;

    /** Of the next bit, in {@link #bytes}. */
    private int position;

    /** Of the bytes before {@link #summed}. */
    private final Crc16 sum = new Crc16();
    private int summed;

    BitInput(InputStream in) {
        this.in = in;
    }

    /** Whether less than a byte is left. */
    boolean atEnd() throws IOException {
        peek();
        return position + 8 > 8 * end;
    }

    /** The next 57 bits or more, from the highest bit of the result on; zeros past the end. */
    private long peek() throws IOException {
        if ((position >>> 3) + Long.BYTES > end && !ended) {
            fill();
        }
        return (long) LONG.get(bytes, position >>> 3) << (position & 7);
    }

    private void fill() throws IOException {
        int used = position >>> 3;
        sum.update(bytes, summed, used);
        summed = 0;
        end -= used;
        position &= 7;
        System.arraycopy(bytes, used, bytes, 0, end);
        while (end < CAPACITY && !ended) {
            int read = in.read(bytes, end, CAPACITY - end);
            ended = read < 0;
            end += Math.max(read, 0);
        }
        Arrays.fill(bytes, end, end + Long.BYTES, (byte) 0);
    }

    /** Passes over {@code count} bits that were peeked at. */
    private void pass(int count) throws StreamEnd {
        if (position + count > 8 * end) {
            throw new StreamEnd();
        }
        position += count;
    }

    /** Reads {@code count} bits, 0 to 31. */
    int unsigned(int count) throws IOException {
        int value = (int) (peek() >>> 1 >>> (63 - count));
        pass(count);
        return value;
    }

    /** Reads {@code count} bits, 1 to 57, as a number in two's complement. */
    long signed(int count) throws IOException {
        long value = peek() >> (64 - count);
        pass(count);
        return value;
    }

    /** Passes over bits, any number of them. */
    void skip(long count) throws IOException {
        long left = count;
        while (left > 0) {
            peek();
            int step = (int) Math.min(left, Math.max(8L * end - position, 1));
            pass(step);
            left -= step;
        }
    }

    /** Passes over the up to 7 bits before the next whole byte; whether all of them are zeros. */
    boolean align() throws IOException {
        return unsigned(-position & 7) == 0;
    }

    /** From here on, at a whole byte, bytes are summed up. */
    void startSum() {
        sum.reset();
        summed = position >>> 3;
    }

    /** The CRC-16 of the whole bytes since {@link #startSum}. */
    int sum() {
        sum.update(bytes, summed, position >>> 3);
        summed = position >>> 3;
        return sum.value();
    }

    /**
     * Reads numbers in Rice's code: how often 2^parameter goes into it in unary, the rest in {@code parameter} bits, 0 to
     * 30; even ones stand for n/2, odd ones for −(n + 1)/2.
     *
     * @throws Damage if a number does not fit 32 bits
     */
    void rice(int parameter, int[] target, int from, int to) throws IOException {
        for (int i = from; i < to; i++) {
            long word = peek();
            int zeros = Long.numberOfLeadingZeros(word);
            long folded;
            if (zeros + 1 + parameter <= PEEKED) {
                folded = (long) zeros << parameter | word << zeros << 1 >>> 1 >>> (63 - parameter);
                pass(zeros + 1 + parameter);
            } else {
                folded = unary(0xffff_ffffL >>> parameter) << parameter | unsigned(parameter);
            }
            if (folded >>> 32 != 0) {
                throw new Damage("a residual exceeds 32 bits");
            }
            target[i] = (int) (folded >>> 1) ^ -(int) (folded & 1);
        }
    }

    /** Reads zeros, up to {@code most} of them, and the one behind them: how many zeros. */
    long unary(long most) throws IOException {
        long zeros = 0;
        while (zeros <= most) {
            int more = Long.numberOfLeadingZeros(peek());
            if (more < PEEKED) {
                pass(more + 1);
                return zeros + more;
            }
            pass(PEEKED);
            zeros += PEEKED;
        }
        throw new Damage("more than " + most + " zeros in a row");
    }
}
