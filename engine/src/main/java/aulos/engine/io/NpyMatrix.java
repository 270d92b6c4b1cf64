// SPDX-License-Identifier: Apache-2.0
package aulos.engine.io;

import aulos.engine.NdArray;
import aulos.engine.Shape;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;

/** A matrix in a {@code .npy} file, [rows, columns] or [1, rows, columns], some columns of which are read without the rest. */
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
     * Columns {@code first} to {@code first + count}.
     *
     * @return float32 or float64, [rows, count]
     * @throws IllegalStateException if the array is no matrix
     */
    public NdArray columns(int first, int count) throws IOException {
        Shape shape = layout.shape();
        int rank = shape.rank();
        if (rank < 2 || shape.size() != shape.dim(-2) * shape.dim(-1)) {
            throw new IllegalStateException(name + ": has shape " + shape + ", expected [rows,columns]");
        }
        int rows = shape.dim(-2);
        int all = shape.dim(-1);
        NpyHeader header = layout.header();
        Dtype dtype = header.dtype();
        return InputFile.read(name, channel, file -> {
            if (header.fortranOrder()) {
                NdArray read = dtype.read(file.streamAt(layout.start() + (long) first * rows * dtype.bytes()),
                        Shape.of(count, rows), header.order());
                return read.strided(Shape.of(rows, count), 0, 1, rows);
            }
            float[] floats = new float[Math.multiplyExact(rows, count)];
            double[] doubles = dtype == Dtype.F64 ? new double[floats.length] : null;
            for (int i = 0; i < rows; i++) {
                long offset = layout.start() + ((long) i * all + first) * dtype.bytes();
                NdArray row = dtype.read(file.streamAt(offset), Shape.of(count), header.order());
                if (doubles == null) {
                    System.arraycopy(row.floats(), 0, floats, i * count, count);
                } else {
                    System.arraycopy(row.doubles(), 0, doubles, i * count, count);
                }
            }
            Shape result = Shape.of(rows, count);
            return doubles == null ? NdArray.of(result, floats) : NdArray.of(result, doubles);
        });
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
