// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio.flac;

/** How the two channels of a frame are stored, in the order of their codes (RFC 9639, section 9.1.3). */
enum Stereo {
    /** As they are, like more or fewer than two. */
    INDEPENDENT,
    LEFT_SIDE,
    SIDE_RIGHT,
    MID_SIDE;

    private static final int FIRST_CODE = 8;

    static Stereo of(int channelCode) {
        return values()[Math.max(0, channelCode - FIRST_CODE + 1)];
    }

    /** Whether the channel is a difference, which needs one more bit. */
    boolean isSide(int channel) {
        return switch (this) {
            case INDEPENDENT -> false;
            case LEFT_SIDE, MID_SIDE -> channel == 1;
            case SIDE_RIGHT -> channel == 0;
        };
    }

    /**
     * Turns what was stored into left and right.
     *
     * @throws Damage if a sample does not fit 32 bits
     */
    void restore(Channel first, Channel second, int count) throws Damage {
        if (first.isWide() || second.isWide()) {
            restoreWide(first, second, count);
            return;
        }
        int[] a = first.samples();
        int[] b = second.samples();
        switch (this) {
            case INDEPENDENT -> { }
            case LEFT_SIDE -> {
                for (int i = 0; i < count; i++) {
                    b[i] = a[i] - b[i];
                }
            }
            case SIDE_RIGHT -> {
                for (int i = 0; i < count; i++) {
                    a[i] += b[i];
                }
            }
            case MID_SIDE -> {
                for (int i = 0; i < count; i++) {
                    // Left and right add up to 2 mid, and 1 more where side is odd.
                    int right = a[i] - (b[i] >> 1);
                    a[i] = right + b[i];
                    b[i] = right;
                }
            }
        }
    }

    private void restoreWide(Channel first, Channel second, int count) throws Damage {
        int[] a = first.samples();
        int[] b = second.samples();
        long[] side = isSide(0) ? first.wide() : second.wide();
        long exceeding = 0;
        for (int i = 0; i < count; i++) {
            long left = this == SIDE_RIGHT ? side[i] + b[i] : a[i];
            long right = this == SIDE_RIGHT ? b[i] : a[i] - side[i];
            if (this == MID_SIDE) {
                right = a[i] - (side[i] >> 1);
                left = right + side[i];
            }
            a[i] = (int) left;
            b[i] = (int) right;
            exceeding |= left ^ a[i] | right ^ b[i];
        }
        if (exceeding != 0) {
            throw new Damage("a sample exceeds 32 bits");
        }
    }
}
