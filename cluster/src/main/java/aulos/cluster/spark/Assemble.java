// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.spark;

import aulos.cluster.spark.store.Store;
import aulos.engine.Shape;
import aulos.engine.io.Npy;
import aulos.hifigan.audio.WavOutput;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.VoidFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/** Makes one file of a clip's ranges, in bounded memory. The ranges stay until the driver knows that the file is there. */
record Assemble(Settings settings, Broadcast<SerializableConfiguration> hadoop, long run) implements VoidFunction<Clip> {
    private static final int BLOCK = 1 << 20;
    /** Of bands that are gathered at once, in bytes. */
    private static final int MEMORY = 1 << 26;

    @Override
    public void call(Clip clip) throws IOException {
        Store store = new Store(hadoop.value().value());
        Layout layout = Layout.of(settings);
        Path temporary = new Path(layout.temporary(run, TaskContext.get().taskAttemptId()), "file");
        List<Piece> pieces = Piece.cut(clip, settings.range());
        try (OutputStream out = store.create(temporary)) {
            if (settings.action() == Settings.Action.VOCODE) {
                wav(store, layout, pieces, out);
            } else {
                npy(store, layout, pieces, out);
            }
        }
        store.rename(temporary, layout.output(clip));
    }

    private void wav(Store store, Layout layout, List<Piece> pieces, OutputStream out) throws IOException {
        Clip clip = pieces.getFirst().clip();
        int hop = settings.parsed().mel().hopSize();
        long samples = clip.frames() * hop;
        new WavOutput(out, settings.parsed().mel().samplingRate(), settings.encoding(), samples).write(new float[0]);
        long header = WavOutput.bytes(settings.encoding(), 0);
        for (Piece piece : pieces) {
            long data = settings.encoding().bytes() * (long) piece.count() * hop;
            try (SeekableByteChannel part = store.open(layout.part(clip, piece.first()))) {
                copy(part, header, data, out);
            }
        }
        if ((settings.encoding().bytes() * samples & 1) != 0) {
            out.write(0);
        }
    }

    /** A band's frames lie together, so every part is read as often as its bands do not fit the memory at once. */
    private void npy(Store store, Layout layout, List<Piece> pieces, OutputStream out) throws IOException {
        Clip clip = pieces.getFirst().clip();
        int bands = settings.parsed().mel().mels();
        int width = Math.multiplyExact(Math.toIntExact(clip.frames()), Float.BYTES);
        Npy.writeHeader(out, Shape.of(bands, Math.toIntExact(clip.frames())), false);
        int together = Math.clamp(MEMORY / width, 1, bands);
        byte[][] rows = new byte[together][width];
        for (int band = 0; band < bands; band += together) {
            int count = Math.min(together, bands - band);
            for (Piece piece : pieces) {
                int row = piece.count() * Float.BYTES;
                try (SeekableByteChannel part = store.open(layout.part(clip, piece.first()))) {
                    InputStream in = at(part, part.size() - (long) row * (bands - band));
                    for (int i = 0; i < count; i++) {
                        requireAll(in.readNBytes(rows[i], (int) piece.first() * Float.BYTES, row), row);
                    }
                }
            }
            for (int i = 0; i < count; i++) {
                out.write(rows[i]);
            }
        }
    }

    private static void copy(SeekableByteChannel part, long from, long count, OutputStream out) throws IOException {
        InputStream in = at(part, from);
        byte[] block = new byte[(int) Math.min(BLOCK, count)];
        for (long left = count; left > 0;) {
            int wanted = (int) Math.min(block.length, left);
            requireAll(in.readNBytes(block, 0, wanted), wanted);
            out.write(block, 0, wanted);
            left -= wanted;
        }
    }

    private static InputStream at(SeekableByteChannel part, long position) throws IOException {
        return Channels.newInputStream(part.position(position));
    }

    private static void requireAll(int read, int wanted) throws IOException {
        if (read < wanted) {
            throw new EOFException("a range of a result ends " + (wanted - read) + " bytes early");
        }
    }
}
