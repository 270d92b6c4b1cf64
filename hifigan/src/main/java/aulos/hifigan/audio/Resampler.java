// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio;

import java.io.IOException;
import java.util.Arrays;

/**
 * A stream at another sampling rate: a windowed-sinc low-pass evaluated where output samples fall between those of the
 * input. The source counts as silence before its start and after its end; sample n of the output is the source at time
 * n / rate, and there are ⌈length · rate / source rate⌉ of them. The spectrum is kept up to 0.9 of the lower Nyquist
 * frequency and is at least 90 dB down from that frequency on.
 *
 * <pre>y[n] = Σₖ x[k] · h(n·down/up − k)</pre>
 */
final class Resampler implements AudioStream {
    private static final int BLOCK = 1 << 13;

    private final AudioStream source;
    private final int rate;
    private final int up;
    private final int down;
    private final PolyphaseFilter filter;

    /** Source samples around the next output; {@code window[start]} is the first that it needs. */
    private final float[] window;
    private int start;
    private int filled;
    private boolean ended;
    private long received;

    /** The next output lies at source sample {@code index + phase / up}. */
    private long index;
    private int phase;

    Resampler(AudioStream source, int rate) {
        if (rate < 1) {
            throw new IllegalArgumentException("resample: rate " + rate + " Hz, expected at least 1");
        }
        int divisor = gcd(source.sampleRate(), rate);
        this.source = source;
        this.rate = rate;
        this.up = rate / divisor;
        this.down = source.sampleRate() / divisor;
        this.filter = new PolyphaseFilter(up, down);
        this.window = new float[filter.taps() + BLOCK];
        this.filled = filter.taps() / 2 - 1;
    }

    @Override
    public int sampleRate() {
        return rate;
    }

    @Override
    public long length() {
        return source.length() < 0 ? -1 : Math.ceilDiv(source.length() * up, (long) down);
    }

    @Override
    public String format() {
        return source.format();
    }

    @Override
    public String note() {
        return source.note();
    }

    @Override
    public int read(float[] buffer, int offset, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            if (!advance()) {
                return i == 0 ? -1 : i;
            }
            buffer[offset + i] = filter.apply(window, start, phase);
            long next = (long) phase + down;
            int step = (int) (next / up);
            phase = (int) (next % up);
            index += step;
            start += step;
        }
        return count;
    }

    /** What lies before the inputs of the next output wanted is passed over in the source. */
    @Override
    public long skip(long count) throws IOException {
        long next = phase + count * down;
        long first = start + next / up;
        index += next / up;
        phase = (int) (next % up);
        if (first <= filled) {
            start = (int) first;
        } else {
            long unread = first - filled;
            long skipped = ended ? 0 : source.skip(unread);
            received += skipped;
            ended = skipped < unread;
            filled = 0;
            start = 0;
        }
        if (advance()) {
            return count;
        }
        // The source has ended: outputs at or after its end are none.
        return count - Math.min(count, ((index - received) * up + phase) / down);
    }

    /** Fills the window for the next output; false if there is none. */
    private boolean advance() throws IOException {
        while (start + filter.taps() > filled) {
            int dropped = Math.min(start, filled);
            System.arraycopy(window, dropped, window, 0, filled - dropped);
            filled -= dropped;
            start -= dropped;
            if (ended) {
                if (index >= received) {
                    return false;
                }
                Arrays.fill(window, filled, filter.taps(), 0);
                filled = filter.taps();
            } else {
                int read = source.read(window, filled, window.length - filled);
                ended = read < 0;
                received += Math.max(read, 0);
                filled += Math.max(read, 0);
            }
        }
        return !ended || index < received;
    }

    @Override
    public void close() throws IOException {
        source.close();
    }

    private static int gcd(int a, int b) {
        return b == 0 ? a : gcd(b, a % b);
    }
}
