// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads event files, without any of the code that writes them. */
final class EventFile {
    private EventFile() {}

    /** The fields of one message by number; of several of a number, the last. */
    record Message(Map<Integer, Object> fields) {
        long integer(int field) {
            return (Long) fields.get(field);
        }

        float float32(int field) {
            return Float.intBitsToFloat((Integer) fields.get(field));
        }

        byte[] bytes(int field) {
            return (byte[]) fields.get(field);
        }

        String text(int field) {
            return new String(bytes(field), StandardCharsets.UTF_8);
        }

        Message message(int field) {
            return parse(ByteBuffer.wrap(bytes(field)));
        }
    }

    /** All events, with their checksums verified, up to one that was torn off, as TensorBoard reads them. */
    static List<Message> read(Path file) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        List<Message> events = new ArrayList<>();
        while (in.remaining() >= 12) {
            byte[] length = take(in, 8);
            assertThat(in.getInt()).isEqualTo(masked(length));
            int count = Math.toIntExact(ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong());
            if (in.remaining() < count + 4) {
                break;
            }
            byte[] record = take(in, count);
            assertThat(in.getInt()).isEqualTo(masked(record));
            events.add(parse(ByteBuffer.wrap(record)));
        }
        return events;
    }

    private static Message parse(ByteBuffer in) {
        in.order(ByteOrder.LITTLE_ENDIAN);
        Map<Integer, Object> fields = new HashMap<>();
        while (in.hasRemaining()) {
            int tag = (int) varint(in);
            fields.put(tag >> 3, switch (tag & 7) {
                case 0 -> (Object) varint(in);
                case 1 -> in.getDouble();
                case 2 -> take(in, (int) varint(in));
                case 5 -> in.getInt();
                default -> throw new AssertionError("wire type of tag " + tag);
            });
        }
        return new Message(fields);
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0;; shift += 7) {
            byte next = in.get();
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }

    private static byte[] take(ByteBuffer in, int count) {
        byte[] bytes = new byte[count];
        in.get(bytes);
        return bytes;
    }

    /** CRC-32C bit by bit, by its reflected polynomial. */
    static int crc(byte[] bytes) {
        int crc = -1;
        for (byte b : bytes) {
            crc ^= b & 0xff;
            for (int bit = 0; bit < 8; bit++) {
                crc = crc >>> 1 ^ (crc & 1) * 0x82f63b78;
            }
        }
        return ~crc;
    }

    private static int masked(byte[] bytes) {
        int crc = crc(bytes);
        return (crc >>> 15 | crc << 17) + 0xa282ead8;
    }
}
