// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio.flac;

import java.util.Arrays;

/** The samples of a subframe, in 32 bits, or in 64 where a difference of two 32-bit samples needs 33. */
final class Channel {
    private int[] samples = {};
    private long[] wide = {};
    private boolean isWide;

    /** Makes room for {@code count} samples of {@code bits} bits. */
    void prepare(int count, int bits) {
        isWide = bits > Integer.SIZE;
        if (samples.length < count) {
            samples = new int[count];
        }
        if (isWide && wide.length < count) {
            wide = new long[count];
        }
    }

    boolean isWide() {
        return isWide;
    }

    /** The samples, or room for as many integers if they are wide. */
    int[] samples() {
        return samples;
    }

    /** The samples if they are wide. */
    long[] wide() {
        return wide;
    }

    void set(int index, long sample) {
        if (isWide) {
            wide[index] = sample;
        } else {
            samples[index] = (int) sample;
        }
    }

    void fill(int count, long sample) {
        if (isWide) {
            Arrays.fill(wide, 0, count, sample);
        } else {
            Arrays.fill(samples, 0, count, (int) sample);
        }
    }

    void shiftLeft(int count, int bits) {
        for (int i = 0; i < count; i++) {
            samples[i] <<= bits;
        }
        for (int i = 0; isWide && i < count; i++) {
            wide[i] <<= bits;
        }
    }

    /**
     * Holds the samples to what their size says.
     *
     * @param bits 1 to 64
     * @throws Damage if a sample needs more
     */
    void check(int count, int bits) throws Damage {
        long exceeding = 0;
        if (isWide) {
            for (int i = 0; i < count; i++) {
                exceeding |= wide[i] >> (bits - 1) ^ wide[i] >> 63;
            }
        } else {
            int narrow = 0;
            for (int i = 0; i < count; i++) {
                narrow |= samples[i] >> (bits - 1) ^ samples[i] >> 31;
            }
            exceeding = narrow;
        }
        if (exceeding != 0) {
            throw new Damage("a sample exceeds " + bits + " bits");
        }
    }
}
