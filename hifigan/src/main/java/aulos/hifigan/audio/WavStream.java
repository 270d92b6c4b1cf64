// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio;

import java.io.IOException;
import java.nio.ByteBuffer;

/** The samples of a WAV file, channels averaged. */
final class WavStream implements AudioStream {
    private final FileBytes file;
    private final WavHeader header;
    private final WavFormat format;
    private long position;

    /** Takes over {@code file}, which stands at its first byte. */
    WavStream(FileBytes file) throws IOException {
        this.file = file;
        this.header = WavHeader.read(file);
        this.format = header.format();
    }

    @Override
    public int sampleRate() {
        return format.sampleRate();
    }

    @Override
    public long length() {
        return header.frames();
    }

    @Override
    public String format() {
        return "WAV, " + (format.channels() == 1 ? "1 channel" : format.channels() + " channels") + ", "
                + format.sample();
    }

    @Override
    public String note() {
        return header.note();
    }

    @Override
    public int read(float[] buffer, int offset, int count) throws IOException {
        long left = header.frames() - position;
        if (left == 0) {
            return -1;
        }
        ByteBuffer bytes = file.require(format.frameBytes(), "chunk 'data'");
        int frames = (int) Math.min(Math.min(count, left), bytes.remaining() / format.frameBytes());
        for (int i = 0; i < frames; i++) {
            double sum = 0;
            for (int channel = 0; channel < format.channels(); channel++) {
                sum += format.sample().next(bytes);
            }
            float mean = (float) (sum / format.channels());
            if (!Float.isFinite(mean)) {
                throw file.error("sample " + (position + i) + " is " + mean + ", expected a finite value");
            }
            buffer[offset + i] = mean;
        }
        position += frames;
        return frames;
    }

    @Override
    public long skip(long count) throws IOException {
        long frames = Math.min(count, header.frames() - position);
        file.skip(frames * format.frameBytes(), "chunk 'data'");
        position += frames;
        return frames;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
