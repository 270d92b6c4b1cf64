// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.io;

import aulos.engine.NdArray;
import aulos.engine.io.AtomicFile;
import aulos.engine.io.Dtype;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.CheckedOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes what {@link ZipContainer} reads, as {@code torch.save} does: stored, the data of each entry aligned to 64. */
final class ZipWriter {
    private static final int ALIGNMENT = 64;
    /** Of a local file header, without name and extra field. */
    private static final int HEADER_BYTES = 30;
    /** Any fixed date makes the same content the same file; zip has no year before 1980, and Java pads that one. */
    private static final LocalDateTime DATE = LocalDateTime.of(2000, 1, 1, 0, 0);

    private final CountingStream counting;
    private final ZipOutputStream zip;

    private ZipWriter(OutputStream out) {
        counting = new CountingStream(out);
        zip = new ZipOutputStream(counting);
    }

    /** Writes the archive; the key of each storage is its place in the list. */
    static void write(OutputStream out, byte[] pickle, List<NdArray> storages) throws IOException {
        ZipWriter writer = new ZipWriter(out);
        try (ZipOutputStream _ = writer.zip) {
            writer.entry(ZipContainer.PICKLE, pickle.length, data -> data.write(pickle));
            writer.entry("byteorder", "little");
            for (int key = 0; key < storages.size(); key++) {
                NdArray array = storages.get(key);
                long size = (long) array.shape().size() * Dtype.of(array).bytes();
                writer.entry("data/" + key, size, data -> Dtype.write(array, data));
            }
            writer.entry("version", "3\n");
        }
    }

    private void entry(String name, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        entry(name, bytes.length, data -> data.write(bytes));
    }

    /** A stored entry needs its checksum before its content, which is therefore produced twice rather than kept. */
    private void entry(String name, long size, AtomicFile.Content content) throws IOException {
        CRC32 crc = new CRC32();
        content.writeTo(new CheckedOutputStream(OutputStream.nullOutputStream(), crc));
        ZipEntry entry = new ZipEntry("archive/" + name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(size);
        entry.setCrc(crc.getValue());
        entry.setTimeLocal(DATE);
        entry.setExtra(padding(counting.written + HEADER_BYTES + entry.getName().length()));
        zip.putNextEntry(entry);
        content.writeTo(zip);
        zip.closeEntry();
    }

    /** An extra field with PyTorch's id "FB" that moves the data from {@code offset} to the next multiple of 64. */
    private static byte[] padding(long offset) {
        int length = Math.floorMod(-(offset + 4), ALIGNMENT);
        byte[] extra = new byte[4 + length];
        extra[0] = 'F';
        extra[1] = 'B';
        extra[2] = (byte) length;
        return extra;
    }

    private static final class CountingStream extends FilterOutputStream {
        private long written;

        CountingStream(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int b) throws IOException {
            out.write(b);
            written++;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
            written += length;
        }

        /** Only the archive ends here, not the file. */
        @Override
        public void close() throws IOException {
            flush();
        }
    }
}
