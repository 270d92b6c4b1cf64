// SPDX-License-Identifier: Apache-2.0
package aulos.engine.io;

import aulos.engine.NdArray;
import aulos.engine.Shape;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Element types of arrays in files, named as in safetensors. The 16- and 32-bit floats become float32 arrays, which
 * hold them exactly; the others become float64 arrays, exact but for integers beyond 2^53.
 */
public enum Dtype {
    F16(2), BF16(2), F32(4), F64(8), I8(1), U8(1), BOOL(1), I16(2), I32(4), I64(8);

    /** The longest array that every JVM can allocate. */
    public static final int MAX_LENGTH = Integer.MAX_VALUE - 8;
    private static final int CHUNK_BYTES = 1 << 16;

    private final int bytes;

    Dtype(int bytes) {
        this.bytes = bytes;
    }

    /** What an array is written as: F32 or F64. */
    public static Dtype of(NdArray array) {
        return array.isDouble() ? F64 : F32;
    }

    /** Size of one element. */
    public int bytes() {
        return bytes;
    }

    /**
     * Reads as many elements as {@code shape} has. The caller has made sure that the file is long enough: the array is
     * allocated at once.
     *
     * @throws EOFException if the stream ends before
     */
    public NdArray read(InputStream in, Shape shape, ByteOrder order) throws IOException {
        int length = shape.size();
        float[] floats = isFloat32() ? new float[length] : null;
        double[] doubles = isFloat32() ? null : new double[length];
        ByteBuffer chunk = chunk(length, order);
        for (int start = 0; start < length; start += CHUNK_BYTES / bytes) {
            int count = Math.min(CHUNK_BYTES / bytes, length - start);
            int wanted = count * bytes;
            int got = in.readNBytes(chunk.array(), 0, wanted);
            if (got < wanted) {
                throw new EOFException("ends after " + ((long) start * bytes + got) + " of the "
                        + (long) length * bytes + " bytes of an array " + this + shape);
            }
            if (floats != null) {
                decode(chunk, floats, start, count);
            } else {
                decode(chunk, doubles, start, count);
            }
        }
        return floats != null ? NdArray.of(shape, floats) : NdArray.of(shape, doubles);
    }

    /** No longer than it needs to be: most tensors of a voice are a few hundred bytes long. */
    private ByteBuffer chunk(int length, ByteOrder order) {
        return ByteBuffer.allocate((int) Math.min(CHUNK_BYTES, (long) length * bytes)).order(order);
    }

    private boolean isFloat32() {
        return this == F16 || this == BF16 || this == F32;
    }

    private void decode(ByteBuffer chunk, float[] out, int start, int count) {
        switch (this) {
            case F32 -> chunk.asFloatBuffer().get(out, start, count);
            case F16 -> {
                for (int i = 0; i < count; i++) {
                    out[start + i] = Float.float16ToFloat(chunk.getShort(2 * i));
                }
            }
            case BF16 -> {
                for (int i = 0; i < count; i++) {
                    out[start + i] = Float.intBitsToFloat(chunk.getShort(2 * i) << 16);
                }
            }
            case F64, I8, U8, BOOL, I16, I32, I64 -> throw new AssertionError(this + " is not held in float32");
        }
    }

    private void decode(ByteBuffer chunk, double[] out, int start, int count) {
        if (this == F64) {
            chunk.asDoubleBuffer().get(out, start, count);
            return;
        }
        for (int i = 0; i < count; i++) {
            out[start + i] = switch (this) {
                case I8 -> chunk.get(i);
                case U8 -> chunk.get(i) & 0xFF;
                case BOOL -> chunk.get(i) == 0 ? 0 : 1;
                case I16 -> chunk.getShort(2 * i);
                case I32 -> chunk.getInt(4 * i);
                case I64 -> chunk.getLong(8 * i);
                case F16, BF16, F32, F64 -> throw new AssertionError(this + " is not converted to float64");
            };
        }
    }

    /** Writes the elements of {@code array} in row-major order, little-endian, as the {@link #of} type. */
    public static void write(NdArray array, OutputStream out) throws IOException {
        int length = array.shape().size();
        Dtype type = of(array);
        int bytes = type.bytes;
        ByteBuffer chunk = type.chunk(length, ByteOrder.LITTLE_ENDIAN);
        for (int start = 0; start < length; start += CHUNK_BYTES / bytes) {
            int count = Math.min(CHUNK_BYTES / bytes, length - start);
            if (array.isDouble()) {
                chunk.asDoubleBuffer().put(array.doubles(), start, count);
            } else {
                chunk.asFloatBuffer().put(array.floats(), start, count);
            }
            out.write(chunk.array(), 0, count * bytes);
        }
    }

    /**
     * The shape with dimensions {@code dims}, from a file.
     *
     * @throws IOException if no array has such a shape
     */
    public static Shape shape(List<Long> dims) throws IOException {
        String shown = dims.size() <= 8 ? dims.toString().replace(" ", "") : "of " + dims.size() + " dimensions";
        int[] sizes = new int[Math.min(dims.size(), Shape.MAX_RANK + 1)];
        for (int i = 0; i < sizes.length; i++) {
            long dim = dims.get(i);
            if (dim < 1 || dim > MAX_LENGTH) {
                throw new IOException("shape " + shown + " has dimension " + dim + ", expected 1 to " + MAX_LENGTH);
            }
            sizes[i] = (int) dim;
        }
        try {
            if (sizes.length > Shape.MAX_RANK) {
                throw new IllegalArgumentException("rank " + dims.size());
            }
            return Shape.of(sizes);
        } catch (IllegalArgumentException e) {
            throw new IOException("shape " + shown + " has more than " + Shape.MAX_RANK + " dimensions or "
                    + MAX_LENGTH + " elements", e);
        }
    }
}
