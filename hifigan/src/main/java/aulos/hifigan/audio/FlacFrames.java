// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import org.jflac.FLACDecoder;
import org.jflac.FrameListener;
import org.jflac.frame.Frame;
import org.jflac.frame.Header;
import org.jflac.metadata.Metadata;

/**
 * The frames of a FLAC file, decoded by jflac, whose leniency ends here: it plays a damaged frame as silence, searches on
 * after lost synchronisation, takes a file that ends in a frame for a whole one, allocates what a comment claims to be
 * long, and loops for ever on a file that ends in {@code ff fa}. So it sees no metadata but STREAMINFO, and the first
 * error that it notices is the last.
 */
final class FlacFrames {
    private final FileBytes file;
    private final FlacInfo info;
    private final FLACDecoder decoder;
    private long number;
    private int size;

    /** jflac goes on after what it reports, unless the report itself throws. */
    private static final class Damage extends RuntimeException {
        Damage(String message) {
            super(message);
        }
    }

    private static final class Strict implements FrameListener {
        @Override
        public void processMetadata(Metadata metadata) {}

        @Override
        public void processFrame(Frame frame) {}

        @Override
        public void processError(String message) {
            throw new Damage(message);
        }
    }

    /** @param file stands at its first frame */
    FlacFrames(FileBytes file, FlacInfo info) throws IOException {
        this.file = file;
        this.info = info;
        byte[] head = ByteBuffer.allocate(8 + FlacInfo.BYTES).put(new byte[] {'f', 'L', 'a', 'C', (byte) 0x80, 0, 0})
                .put((byte) FlacInfo.BYTES).put(info.block()).array();
        this.decoder = new FLACDecoder(new SequenceInputStream(new ByteArrayInputStream(head), rest(file)));
        decoder.addFrameListener(new Strict());
        decoder.readMetadata();
    }

    private static InputStream rest(FileBytes file) {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
            }

            @Override
            public int read(byte[] target, int offset, int count) throws IOException {
                return file.read(target, offset, count);
            }
        };
    }

    /** The number of samples of the frame in each channel. */
    int size() {
        return size;
    }

    /** The frame's samples in one channel, integers; only the first {@link #size()} are of the frame. */
    int[] channel(int index) {
        return decoder.getChannelData()[index].getOutput();
    }

    /** Decodes the next frame; false if the file ends before it. */
    boolean next() throws IOException {
        if (decoder.getBitInputStream().getInputBytesUnconsumed() == 0 && file.remaining() == 0) {
            return false;
        }
        Frame frame;
        try {
            frame = MutedOutput.mutedWhile(decoder::readNextFrame);
        } catch (Damage e) {
            throw error(e.getMessage().endsWith("EOFException") ? "is truncated" : "is damaged: " + e.getMessage(), e);
        } catch (IndexOutOfBoundsException | NegativeArraySizeException e) {
            throw error("is damaged: " + e.getMessage(), e);
        }
        if (decoder.getBadFrames() > 0) {
            throw error("is damaged", null);
        }
        if (frame == null) {
            throw error("is truncated", null);
        }
        check(frame.header);
        size = frame.header.blockSize;
        number++;
        return true;
    }

    private void check(Header header) throws IOException {
        if (header.channels != info.channels() || header.bitsPerSample != info.bits()
                || header.sampleRate != info.sampleRate()) {
            throw error("has " + header.channels + " channels, " + header.bitsPerSample + " bits, " + header.sampleRate
                    + " Hz, but the file " + info.channels() + ", " + info.bits() + ", " + info.sampleRate(), null);
        }
    }

    private IOException error(String message, Exception cause) {
        IOException error = file.error("frame " + number + " " + message);
        error.initCause(cause);
        return error;
    }
}
