// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio;

import java.io.IOException;
import java.nio.ByteBuffer;

/** The samples of a WAV file, channels averaged. */
final class WavStream implements AudioStream {
    private final FileBytes file;
    private final WavHeader header;
    private long position;

    /** Takes over {@code file}, which stands at its first byte. */
    WavStream(FileBytes file) throws IOException {
        this.file = file;
        this.header = WavHeader.read(file);
    }

    @Override
    public int sampleRate() {
        return header.sampleRate();
    }

    @Override
    public long length() {
        return header.frames();
    }

    @Override
    public String format() {
        return "WAV, " + (header.channels() == 1 ? "1 channel" : header.channels() + " channels") + ", "
                + header.sample();
    }

    @Override
    public int read(float[] buffer, int offset, int count) throws IOException {
        int frames = (int) Math.min(count, header.frames() - position);
        if (frames == 0) {
            return -1;
        }
        for (int i = 0; i < frames; i++) {
            buffer[offset + i] = frame();
            position++;
        }
        return frames;
    }

    @Override
    public long skip(long count) throws IOException {
        long frames = Math.min(count, header.frames() - position);
        file.skip(frames * header.frameBytes(), "chunk 'data'");
        position += frames;
        return frames;
    }

    private float frame() throws IOException {
        SampleFormat format = header.sample();
        double sum = 0;
        for (int channel = 0; channel < header.channels(); channel++) {
            ByteBuffer bytes = file.require(format.bytes, "chunk 'data'");
            sum += format.next(bytes);
        }
        float mean = (float) (sum / header.channels());
        if (!Float.isFinite(mean)) {
            throw file.error("sample " + position + " is " + mean + ", expected a finite value");
        }
        return mean;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
