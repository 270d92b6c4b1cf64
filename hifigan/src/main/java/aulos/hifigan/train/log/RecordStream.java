// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train.log;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * The TFRecord format: for each record its length (uint64), the length's checksum (uint32), the bytes, and their
 * checksum, little endian, after
 * <a href="https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details">its description</a>.
 * A checksum is a CRC-32C, rotated right by 15 bits, plus a constant.
 */
final class RecordStream implements Closeable {
    /** Bytes of a record before and after its own. */
    static final int BEFORE = Long.BYTES + Integer.BYTES;
    static final int AFTER = Integer.BYTES;

    private static final int ROTATION = 15;
    private static final int MASK = 0xa282ead8;

    private final OutputStream out;

    RecordStream(OutputStream out) {
        this.out = out;
    }

    void write(byte[] record) throws IOException {
        byte[] length = littleEndian(Long.BYTES).putLong(record.length).array();
        out.write(length);
        out.write(checksum(length));
        out.write(record);
        out.write(checksum(record));
    }

    private static byte[] checksum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        int masked = Integer.rotateRight((int) crc.getValue(), ROTATION) + MASK;
        return littleEndian(Integer.BYTES).putInt(masked).array();
    }

    private static ByteBuffer littleEndian(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Takes what stands before a record; -1 if that is damaged. */
    static long length(ByteBuffer in) {
        byte[] length = new byte[Long.BYTES];
        byte[] checksum = new byte[Integer.BYTES];
        in.get(length).get(checksum);
        return Arrays.equals(checksum, checksum(length))
                ? ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong() : -1;
    }

    void flush() throws IOException {
        out.flush();
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
