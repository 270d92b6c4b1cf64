// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train.log;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Which tags the event files of a folder show at a step. A run that is killed between its events and its table asks, so
 * that no event is there twice. Only the head of each record is read: audio and images are passed over.
 */
public final class LoggedTags {
    /** Of a record: enough for time, step, the lengths of two messages and the longest of our tags. */
    private static final int HEAD = 256;

    private static final int STEP = 2;
    private static final int SUMMARY = 5;
    private static final int SESSION_LOG = 7;

    private LoggedTags() {}

    /**
     * @return empty if the folder is not there; tags that a later restart of a session has made void are not among them
     * @throws IOException if a file cannot be read, naming it; one that was torn off by a kill is read as far as it goes
     */
    public static Set<String> at(Path folder, long step) throws IOException {
        Set<String> tags = new HashSet<>();
        if (Files.isDirectory(folder)) {
            for (Path file : eventFiles(folder)) {
                try (FileChannel in = FileChannel.open(file)) {
                    read(in, step, tags);
                } catch (IOException e) {
                    throw new IOException(file + ": cannot be read: " + e.getMessage(), e);
                }
            }
        }
        return tags;
    }

    /** In the order in which TensorBoard reads them. */
    private static List<Path> eventFiles(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(file -> file.getFileName().toString().contains("tfevents") && Files.isRegularFile(file))
                    .sorted().toList();
        }
    }

    private static void read(FileChannel in, long step, Set<String> tags) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(HEAD).order(ByteOrder.LITTLE_ENDIAN);
        for (long at = 0;;) {
            head.clear();
            while (head.hasRemaining() && in.read(head, at + head.position()) >= 0) {
                // The channel gives what it has at hand.
            }
            head.flip();
            if (head.remaining() < RecordStream.BEFORE) {
                return;
            }
            long length = RecordStream.length(head);
            if (length < 0 || length > in.size() - at - RecordStream.BEFORE - RecordStream.AFTER) {
                return;
            }
            head.limit((int) Math.min(head.limit(), RecordStream.BEFORE + length));
            try {
                event(head, step, tags);
            } catch (BufferUnderflowException _) {
                return; // not written by this program
            }
            at += RecordStream.BEFORE + length + RecordStream.AFTER;
        }
    }

    /** The fields that {@link EventWriter} writes, in its order: time, step, then one message. */
    private static void event(ByteBuffer in, long step, Set<String> tags) {
        field(in);
        in.getDouble();
        if (!in.hasRemaining() || field(in) != STEP) {
            return;
        }
        long at = varint(in);
        int what = in.hasRemaining() ? field(in) : 0;
        if (what == SESSION_LOG && at <= step) {
            tags.clear();
        } else if (what == SUMMARY && at == step) {
            varint(in);
            field(in);
            varint(in);
            field(in);
            byte[] tag = new byte[(int) Math.clamp(varint(in), 0L, HEAD)];
            in.get(tag);
            tags.add(new String(tag, StandardCharsets.UTF_8));
        }
    }

    private static int field(ByteBuffer in) {
        return (int) (varint(in) >>> 3);
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            byte next = in.get();
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new BufferUnderflowException();
    }
}
