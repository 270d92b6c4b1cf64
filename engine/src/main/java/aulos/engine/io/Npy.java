// SPDX-License-Identifier: Apache-2.0
package aulos.engine.io;

import aulos.engine.NdArray;
import aulos.engine.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * NumPy's {@code .npy}: one array. The format is NumPy's {@code numpy.lib.format}: the
 * magic string, a version, the length of the header, the header (a Python dict literal), the data.
 */
public final class Npy {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final int MAX_HEADER = 1 << 16;
    private static final int ALIGNMENT = 64;

    private Npy() {
    }

    /**
     * Reads an array of float16 or float32 (as float32) or float64, little- or big-endian, in C or Fortran order.
     *
     * @return the array, row-major
     * @throws IOException if the file cannot be read or is no such array
     */
    public static NdArray read(Path path) throws IOException {
        return InputFile.read(path, Npy::read);
    }

    /**
     * The shape of an array, without reading its values.
     *
     * @throws IOException as {@link #read} does
     */
    public static Shape shape(Path path) throws IOException {
        return InputFile.read(path, file -> layout(file).shape);
    }

    static boolean matches(InputFile file) throws IOException {
        return Arrays.equals(file.head(MAGIC.length), MAGIC);
    }

    /**
     * Where the elements of a file are, which is long enough to hold them.
     *
     * @param start of the data, in bytes
     */
    record Layout(NpyHeader header, Shape shape, long start) {}

    static Layout layout(InputFile file) throws IOException {
        byte[] head = file.head(12);
        if (head.length < 10 || !matches(file)) {
            throw new IOException(switch (Container.of(file)) {
                case NPZ -> "a NumPy .npz archive, expected one array in a .npy file: numpy.save('x.npy', "
                        + "numpy.load('x.npz')['NAME'])";
                case ZIP, LEGACY -> "a PyTorch file, expected an array in a .npy file: numpy.save('x.npy', "
                        + "torch.load('x.pt').numpy())";
                case SAFETENSORS -> "a safetensors file, expected an array in a .npy file";
                case NPY, UNKNOWN -> "not a .npy file: it does not start with the bytes 93 'NUMPY'";
            });
        }
        ByteBuffer fields = ByteBuffer.wrap(Arrays.copyOf(head, 12)).order(ByteOrder.LITTLE_ENDIAN);
        int version = head[6];
        if (version < 1 || version > 3) {
            throw new IOException(".npy version " + version + "." + head[7] + ", expected 1.0 to 3.0");
        }
        int start = version == 1 ? 10 : 12;
        long length = version == 1 ? fields.getShort(8) & 0xFFFF : fields.getInt(8) & 0xFFFF_FFFFL;
        if (length > MAX_HEADER || start + length > file.size()) {
            throw new IOException("the header claims " + length + " bytes, expected at most "
                    + Math.clamp(file.size() - start, 0, MAX_HEADER));
        }
        byte[] text = file.streamAt(start).readNBytes((int) length);
        NpyHeader header = NpyHeader.parse(new String(text, StandardCharsets.UTF_8));
        Shape shape = Dtype.shape(header.shape());
        Dtype dtype = header.dtype();
        long data = file.size() - start - length;
        long expected = (long) shape.size() * dtype.bytes();
        if (data != expected) {
            throw new IOException("holds " + data + " bytes of data, expected " + expected + " for " + dtype + shape);
        }
        return new Layout(header, shape, start + length);
    }

    private static NdArray read(InputFile file) throws IOException {
        Layout layout = layout(file);
        NpyHeader header = layout.header();
        Shape shape = layout.shape();
        Dtype dtype = header.dtype();
        InputStream in = file.streamAt(layout.start());
        if (!header.fortranOrder() || shape.rank() < 2) {
            return dtype.read(in, shape, header.order());
        }
        int[] reversed = new int[shape.rank()];
        int[] strides = new int[shape.rank()];
        int stride = 1;
        for (int axis = 0; axis < reversed.length; axis++) {
            reversed[reversed.length - 1 - axis] = shape.dim(axis);
            strides[axis] = stride;
            stride *= shape.dim(axis);
        }
        return dtype.read(in, Shape.of(reversed), header.order()).strided(shape, 0, strides);
    }

    /**
     * Writes {@code array} as version 1.0, little-endian float32 or float64, C order.
     *
     * @throws IOException if the file cannot be written; then nothing is left behind
     */
    public static void write(Path path, NdArray array) throws IOException {
        AtomicFile.write(path, out -> write(out, array));
    }

    /** As {@link #write(Path, NdArray)}, into a stream, which stays open. */
    public static void write(OutputStream out, NdArray array) throws IOException {
        writeHeader(out, array.shape(), array.isDouble());
        Dtype.write(array, out);
    }

    /** What comes before the elements, which follow as little-endian float32 or, if {@code isDouble}, float64. */
    public static void writeHeader(OutputStream out, Shape shape, boolean isDouble) throws IOException {
        String dims = IntStream.of(shape.dims()).mapToObj(dim -> dim + (shape.rank() == 1 ? "," : ""))
                .collect(Collectors.joining(", "));
        String header = "{'descr': '" + (isDouble ? "<f8" : "<f4") + "', 'fortran_order': False, 'shape': ("
                + dims + "), }";
        int unpadded = 10 + header.length() + 1;
        int padded = (unpadded + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        ByteBuffer bytes = ByteBuffer.allocate(padded).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) (padded - 10));
        bytes.put((header + " ".repeat(padded - unpadded) + "\n").getBytes(StandardCharsets.US_ASCII));
        out.write(bytes.array());
    }
}
