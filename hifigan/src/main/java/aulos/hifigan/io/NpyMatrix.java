// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.io;

import aulos.engine.NdArray;
import aulos.engine.Shape;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;

/** A mel in a {@code .npy} file, [bands, frames] or [1, bands, frames], of which some frames are read without the rest. */
public final class NpyMatrix implements Closeable {
    private final String name;
    private final SeekableByteChannel channel;
    private final Npy.Layout layout;

    private NpyMatrix(String name, SeekableByteChannel channel, Npy.Layout layout) {
        this.name = name;
        this.channel = channel;
        this.layout = layout;
    }

    /**
     * Reads the header.
     *
     * @param name for messages
     * @param channel closed with the result, or if there is none
     * @throws IOException if it is no such file as {@link Npy#read} reads
     */
    public static NpyMatrix open(String name, SeekableByteChannel channel) throws IOException {
        try {
            return new NpyMatrix(name, channel, InputFile.read(name, channel, Npy::layout));
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** What the file says. */
    public Shape shape() {
        return layout.shape();
    }

    /**
     * @param first of the frames
     * @return float32 or float64, [bands, count]
     * @throws IllegalStateException if the shape is not that of a mel
     */
    public NdArray frames(int first, int count) throws IOException {
        Shape shape = layout.shape();
        int rank = shape.rank();
        if (rank < 2 || shape.size() != shape.dim(-2) * shape.dim(-1)) {
            throw new IllegalStateException(name + ": has shape " + shape + ", expected [bands,frames]");
        }
        int bands = shape.dim(-2);
        int all = shape.dim(-1);
        NpyHeader header = layout.header();
        Dtype dtype = header.dtype();
        return InputFile.read(name, channel, file -> {
            if (header.fortranOrder()) {
                NdArray frames = dtype.read(file.streamAt(layout.start() + (long) first * bands * dtype.bytes()),
                        Shape.of(count, bands), header.order());
                return Strided.gather(frames, Shape.of(bands, count), 0, new int[] {1, bands});
            }
            float[] floats = new float[Math.multiplyExact(bands, count)];
            double[] doubles = dtype == Dtype.F64 ? new double[floats.length] : null;
            for (int band = 0; band < bands; band++) {
                long offset = layout.start() + ((long) band * all + first) * dtype.bytes();
                NdArray row = dtype.read(file.streamAt(offset), Shape.of(count), header.order());
                if (doubles == null) {
                    System.arraycopy(row.floats(), 0, floats, band * count, count);
                } else {
                    System.arraycopy(row.doubles(), 0, doubles, band * count, count);
                }
            }
            Shape result = Shape.of(bands, count);
            return doubles == null ? NdArray.of(result, floats) : NdArray.of(result, doubles);
        });
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
