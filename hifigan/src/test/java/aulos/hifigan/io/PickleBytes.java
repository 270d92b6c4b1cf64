// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.io;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Builds pickles opcode by opcode, and the two containers around them. */
final class PickleBytes {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    static PickleBytes protocol2() {
        return new PickleBytes().op(0x80, 2);
    }

    PickleBytes op(int... bytes) {
        for (int b : bytes) {
            out.write(b);
        }
        return this;
    }

    PickleBytes text(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return op('X').int32(utf8.length).raw(utf8);
    }

    PickleBytes number(int number) {
        return op('J').int32(number);
    }

    PickleBytes global(String module, String name) {
        return op('c').raw((module + "\n" + name + "\n").getBytes(StandardCharsets.US_ASCII));
    }

    /** A tensor of float32 whose storage has the given class. */
    PickleBytes tensor(String storageClass, String key, int elements, int offset, int[] size, int[] strides) {
        global("torch._utils", "_rebuild_tensor_v2").op('(', '(').text("storage").global("torch", storageClass);
        text(key).text("cuda:0").number(elements).op('t', 'Q').number(offset);
        return tuple(size).tuple(strides).op(0x89).global("collections", "OrderedDict").op(')', 'R', 't', 'R');
    }

    private PickleBytes tuple(int[] numbers) {
        op('(');
        for (int number : numbers) {
            number(number);
        }
        return op('t');
    }

    PickleBytes raw(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    private PickleBytes int32(int value) {
        return raw(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
    }

    byte[] stop() {
        return op('.').out.toByteArray();
    }

    /** A stored archive with this pickle and further entries. */
    static Path zip(Path file, byte[] pickle, Map<String, byte[]> entries) throws IOException {
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            stored(zip, "m/data.pkl", pickle);
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                stored(zip, "m/" + entry.getKey(), entry.getValue());
            }
        }
        return file;
    }

    private static void stored(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(bytes.length);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(bytes);
    }

    /** A file as PyTorch before 1.6 wrote it, with one storage. */
    static Path legacy(Path file, byte[] pickle, String key, long elements, byte[] data) throws IOException {
        byte[] magic = {(byte) 0x80, 2, (byte) 0x8a, 10, 0x6c, (byte) 0xfc, (byte) 0x9c, 0x46, (byte) 0xf9, 0x20, 0x6a,
                (byte) 0xa8, 0x50, 0x19, '.'};
        PickleBytes all = new PickleBytes().raw(magic).raw(protocol2().number(1001).stop());
        all.raw(protocol2().op('}').text("little_endian").op(0x88, 's').stop()).raw(pickle);
        all.raw(protocol2().op(']').text(key).op('a').stop());
        all.raw(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(elements).array()).raw(data);
        Files.write(file, all.out.toByteArray());
        return file;
    }

    /** Little-endian float32. */
    static byte[] floats(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return bytes.array();
    }
}
