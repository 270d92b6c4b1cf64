// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio;

import aulos.hifigan.audio.flac.FlacDecoder;
import aulos.hifigan.audio.flac.FlacException;
import aulos.hifigan.audio.flac.StreamInfo;
import java.io.IOException;

/** A FLAC file, channels averaged. */
final class FlacStream implements AudioStream {
    private final FileBytes file;
    private final FlacDecoder decoder;
    private final StreamInfo info;
    private final double scale;
    private int used;

    /** Takes over {@code file}, which stands at the FLAC marker. */
    FlacStream(FileBytes file) throws IOException {
        this.file = file;
        try {
            this.decoder = new FlacDecoder(file.stream());
        } catch (FlacException e) {
            throw named(e);
        }
        this.info = decoder.info();
        AudioFile.checkRate(file, info.sampleRate());
        this.scale = 1 / (info.channels() * (double) (1L << (info.bits() - 1)));
    }

    @Override
    public int sampleRate() {
        return info.sampleRate();
    }

    @Override
    public long length() {
        return info.length();
    }

    @Override
    public String format() {
        return "FLAC, " + (info.channels() == 1 ? "1 channel" : info.channels() + " channels") + ", " + info.bits()
                + " bits";
    }

    @Override
    public int read(float[] buffer, int offset, int count) throws IOException {
        try {
            if (used == decoder.size()) {
                if (!decoder.next()) {
                    return -1;
                }
                used = 0;
            }
        } catch (FlacException e) {
            throw named(e);
        }
        int read = Math.min(count, decoder.size() - used);
        for (int i = 0; i < read; i++) {
            long sum = 0;
            for (int channel = 0; channel < info.channels(); channel++) {
                sum += decoder.channel(channel)[used + i];
            }
            buffer[offset + i] = (float) (sum * scale);
        }
        used += read;
        return read;
    }

    private IOException named(FlacException cause) {
        IOException error = file.error(cause.getMessage());
        error.initCause(cause);
        return error;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
