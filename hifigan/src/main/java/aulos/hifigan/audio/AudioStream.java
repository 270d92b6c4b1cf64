// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio;

import java.io.Closeable;
import java.io.IOException;

/** Mono samples, read one block after the other; full scale is ±1. */
public interface AudioStream extends Closeable {
    /** In Hz. */
    int sampleRate();

    /** The number of samples in the whole stream as its header tells, or −1 if it does not. */
    long length();

    /** What the file holds, for people, as in {@code WAV, 2 channels, PCM16}. */
    String format();

    /** What is wrong with the file and was put up with, for people, as {@code is cut short: …}; null if nothing is. */
    default String note() {
        return null;
    }

    /**
     * Reads up to {@code count} samples into {@code buffer} from {@code offset} on.
     *
     * @param count at least 1
     * @return how many were read: at least 1, or −1 at the end
     * @throws IOException if the file is damaged, with a message that names it
     */
    int read(float[] buffer, int offset, int count) throws IOException;

    /**
     * Passes over samples, as if they had been read; where the format allows it, without looking at them.
     *
     * @return how many: fewer than {@code count} if the stream ends before
     * @throws IOException if the file is damaged, with a message that names it
     */
    default long skip(long count) throws IOException {
        float[] dropped = new float[(int) Math.min(count, 1 << 12)];
        long skipped = 0;
        while (skipped < count) {
            int read = read(dropped, 0, (int) Math.min(dropped.length, count - skipped));
            if (read < 0) {
                break;
            }
            skipped += read;
        }
        return skipped;
    }

    /** This stream at another sampling rate, in Hz; itself if it has that rate. Closing the result closes this. */
    default AudioStream resampledTo(int rate) {
        return rate == sampleRate() ? this : new Resampler(this, rate);
    }
}
