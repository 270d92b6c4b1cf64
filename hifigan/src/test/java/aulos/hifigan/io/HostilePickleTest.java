// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class HostilePickleTest {
    private static final byte[] FLOATS = PickleBytes.floats(0, 1, 2, 3, 4, 5);

    @TempDir
    private Path folder;

    @Test
    void nothingThatAPickleAsksForIsRun() throws IOException {
        byte[] pickle = PickleBytes.protocol2().global("os", "system").text("touch owned").op(0x85, 'R').stop();
        assertRefused(pickle, "asks for 'os.system'; a checkpoint may only hold tensors");
        assertRefused(PickleBytes.protocol2().global("models", "Generator").op(')', 0x81).stop(), "asks for "
                + "'models.Generator'; a checkpoint may only hold tensors, OrderedDict, defaultdict, dict and torch.Size, no "
                + "whole model: save its weights alone, torch.save({'generator': model.state_dict()}, 'g_00000000')");
        byte[] byStack = PickleBytes.protocol2().text("posix").text("system").op(0x93, ')', 'R').stop();
        assertRefused(byStack, "asks for 'posix.system'");
        assertRefused(PickleBytes.protocol2().global("a\u0007b", "c".repeat(150)).stop(), "asks for 'a b.ccc");
        assertRefused(PickleBytes.protocol2().global("a", "c".repeat(5000)).stop(), "longer than 200");
    }

    @Test
    void endlessAndDeepTreesAreRefused() throws IOException {
        PickleBytes lists = PickleBytes.protocol2();
        PickleBytes tuples = PickleBytes.protocol2().op(')');
        for (int i = 0; i < 5000; i++) {
            lists.op(']');
            tuples.op(0x85);
        }
        for (int i = 0; i < 4999; i++) {
            lists.op('a');
        }
        assertRefused(lists.stop(), "is nested deeper than 100");
        assertRefused(tuples.stop(), "is nested deeper than 100");
        PickleBytes marks = PickleBytes.protocol2();
        for (int i = 0; i < 1_000_000; i++) {
            marks.op('(');
        }
        assertRefused(marks.stop(), "nests deeper than 1000");
        PickleBytes nones = PickleBytes.protocol2();
        for (int i = 0; i < 800_000; i++) {
            nones.op('N');
        }
        assertRefused(nones.stop(), "more than 800000 opcodes");
        assertRefused(PickleBytes.protocol2().op(']', 'q', 0, 'h', 0, 'a').stop(), "contains itself");
        assertRefused(PickleBytes.protocol2().op(']', 'q', 0, '}', 'q', 1).text("list").op('h', 0, 's', 'a').stop(),
                "'0.list' contains itself");
    }

    @Test
    void aFewNodesThatStandForBillionsAreRefused() throws IOException {
        PickleBytes laughs = PickleBytes.protocol2().op(')');
        for (int i = 0; i < 60; i++) {
            laughs.op('q', 0, 'h', 0, 0x86);
        }
        assertRefused(laughs.stop(), "more than 10000000");
    }

    /** Each of 8 MB of opcodes that ask for much more than their size; what stops them first does not matter. */
    @Test
    void memoryIsBoundedByTheFile() throws IOException {
        PickleBytes views = PickleBytes.protocol2().global("torch._utils", "_rebuild_tensor_v2").op('q', 0, '0');
        views.op('(', '(').text("storage").global("torch", "FloatStorage").text("0").text("cpu").number(6).op('t', 'Q')
                .number(0).op('(');
        for (int i = 0; i < 64; i++) {
            views.number(1000 + i);
        }
        views.op('t', 'q', 1, 'h', 1, 't', 'q', 2, '0', ']');
        assertBounded(repeated(views, 'h', 0, 'h', 2, 'R', 'a'));
        assertBounded(repeated(PickleBytes.protocol2().op(']'), ']', 'a'));
        assertBounded(repeated(PickleBytes.protocol2().op(']'), '}', 'K', 1, 'N', 's', 'a'));
        assertBounded(repeated(PickleBytes.protocol2().op(']'), ')', 0x85, 'a'));
        assertBounded(repeated(PickleBytes.protocol2(), '(', '1'));
        assertBounded(repeated(PickleBytes.protocol2().op('N'), 0x94));
        PickleBytes orderedDicts = PickleBytes.protocol2().global("collections", "OrderedDict").op('q', 0, '0', ']');
        assertBounded(repeated(orderedDicts, 'h', 0, ')', 'R', 'a'));
    }

    private void assertBounded(byte[] pickle) throws IOException {
        Path file = PickleBytes.zip(folder.resolve("zip"), pickle, Map.of("data/0", FLOATS));
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = threads.getCurrentThreadAllocatedBytes();
        assertThatThrownBy(() -> PyTorchFile.read(file)).isExactlyInstanceOf(IOException.class)
                .message().containsPattern("asks for more memory than|more than 800000 opcodes|more than 20000 tensors");
        assertThat(threads.getCurrentThreadAllocatedBytes() - allocated).as("bytes").isLessThan(256 << 20);
    }

    /** Each of some bytes that stand for a tensor: what becomes of them costs time, however small the file. */
    @Test
    void tensorsThatShareAStorageAreCounted() throws IOException {
        PickleBytes names = arguments().op('}', '(').text("conv_pre.bias").op('h', 0, 'h', 1, 'R');
        PickleBytes legacy = arguments().op('}', '(');
        for (int i = 0; i < 20_000; i++) {
            names.text("ups." + i).op('h', 0, 'h', 1, 'R');
            legacy.text("ups." + i).op('h', 0, 'h', 1, 'R');
        }
        assertRefused(names.op('u').stop(), "describes more than 20000 tensors");
        assertThat(PyTorchFile.read(PickleBytes.legacy(folder.resolve("most"), legacy.op('u').stop(), "0", 6, FLOATS)))
                .asInstanceOf(InstanceOfAssertFactories.MAP).hasSize(20_000);
    }

    /** As memo 0 and 1: what makes a tensor, and its arguments. */
    private static PickleBytes arguments() {
        return PickleBytes.protocol2().global("torch._utils", "_rebuild_tensor_v2").op('q', 0, '0', '(', '(')
                .text("storage").global("torch", "FloatStorage").text("0").text("cpu").number(6).op('t', 'Q').number(0)
                .op('K', 6, 0x85, 'K', 1, 0x85, 0x89, '}', 't', 'q', 1, '0');
    }

    /** A name of a megabyte costs a megabyte in each of the dicts it is in, which need not hold it again. */
    @Test
    void longNamesThatManyDictsShareAreRefused() throws IOException {
        PickleBytes dicts = PickleBytes.protocol2().text("a.".repeat(500_000)).op('q', 0, '0', '}', '(');
        for (int i = 0; i < 1000; i++) {
            dicts.text(String.valueOf(i)).op('}', 'h', 0, 'N', 's');
        }
        assertRefused(dicts.op('u').stop(), "a dict before byte 1000023 of the pickle has a key of 1000000 characters, "
                + "expected at most 1000");
        assertRefused(PickleBytes.protocol2().tensor("FloatStorage", "0".repeat(2000), 6, 0, new int[] {6}, new int[] {1})
                .stop(), "a storage before byte 2092 of the pickle has a key of 2000 characters");
    }

    private static byte[] repeated(PickleBytes pickle, int... opcodes) {
        for (int i = 0; i < 8_000_000 / opcodes.length; i++) {
            pickle.op(opcodes);
        }
        return pickle.stop();
    }

    /** Long and Double keys that all have the same hash code, which Java can tell apart only one by one. */
    @Test
    void keysOfEqualHashDoNotCostTheSquareOfTheirNumber() throws IOException {
        PickleBytes keys = PickleBytes.protocol2().op('}', '(');
        for (int i = 1; i < 150_000; i++) {
            long sameHalves = (long) i << 32 | i;
            byte[] number = ByteBuffer.allocate(8).putLong(sameHalves).array();
            byte[] reversed = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(sameHalves).array();
            keys.op(0x8a, 8).raw(reversed).op('N', 'G').raw(number).op('N');
        }
        assertRefused(keys.op('u').stop(), "keys that are not all of one kind");
    }

    @Test
    void keysThatAreContainersAreRefused() throws IOException {
        assertRefused(PickleBytes.protocol2().op('}', ']', 'K', 1, 's').stop(), "neither a string nor a number");
    }

    @Test
    void brokenMachinesAreRefused() throws IOException {
        assertRefused(PickleBytes.protocol2().stop(), "takes a value that is not there");
        assertRefused(PickleBytes.protocol2().op('t').stop(), "takes a mark that is not there");
        assertRefused(PickleBytes.protocol2().op('N', '(', 0x85).stop(), "takes a value that is not there");
        assertRefused(PickleBytes.protocol2().op('h', 9).stop(), "takes memo 9");
        assertRefused(PickleBytes.protocol2().op('N', 'N', 'a').stop(), "appends to what is not a list");
        assertRefused(PickleBytes.protocol2().op('N', '(', 'u').stop(), "not a dict");
        assertRefused(PickleBytes.protocol2().op('}', '(', 'N', 'u').stop(), "a key without a value");
        assertRefused(PickleBytes.protocol2().op('}', '}', 'b').stop(), "not an OrderedDict");
        assertRefused(PickleBytes.protocol2().op('N', ')', 'R').stop(), "calls what is not a class");
        assertRefused(PickleBytes.protocol2().op('N', 'Q').stop(), "persistent id");
        assertRefused(PickleBytes.protocol2().global("torch", "FloatStorage").op(')', 'R').stop(), "may only name");
        assertRefused(PickleBytes.protocol2().global("torch", "FloatStorage").stop(),
                "is the class torch.FloatStorage");
        assertRefused(PickleBytes.protocol2().global("torch", "Size").op('N', 0x85, 'R').stop(), "calls torch.Size");
        assertRefused(PickleBytes.protocol2().op('I', '1', '\n').stop(), "opcode 0x49");
        assertRefused(PickleBytes.protocol2().op('X', 0xFF, 0xFF, 0xFF, 0xFF).stop(), "claims 4294967295 bytes");
        assertRefused(PickleBytes.protocol2().op('X', 0xFF, 0xFF, 0, 0).stop(), "within a value of 65535");
        assertRefused(PickleBytes.protocol2().op('X', 1, 0, 0, 0, 0xFF).stop(), "not UTF-8");
        assertRefused(PickleBytes.protocol2().op(0x8a, 9).stop(), "has 9 bytes");
        assertRefused(new PickleBytes().op(0x80, 6).stop(), "protocol 6");
        assertRefused(new byte[0], "without a STOP");
    }

    @Test
    void tensorsThatLieAboutTheirStorageAreRefused() throws IOException {
        assertTensorRefused("FloatStorage", 6, 1, new int[] {6}, new int[] {1}, "reaches outside storage '0' (F32[6])");
        assertTensorRefused("FloatStorage", 6, 0, new int[] {2, 3}, new int[] {4, 1}, "reaches outside");
        assertTensorRefused("FloatStorage", 6, -1, new int[] {1}, new int[] {1}, "reaches outside");
        assertTensorRefused("FloatStorage", 6, 5, new int[] {2}, new int[] {-1}, "reaches outside");
        assertTensorRefused("FloatStorage", 6, 0, new int[] {2}, new int[] {1, 1}, "has 2 strides");
        assertTensorRefused("FloatStorage", 6, 0, new int[] {0}, new int[] {1}, "'w' shape [0] has dimension 0");
        assertTensorRefused("FloatStorage", 6, 0, new int[] {-2}, new int[] {1}, "dimension -2");
        assertTensorRefused("FloatStorage", 6, 0, new int[] {1, 1, 1, 1, 1, 1, 1}, new int[7], "more than 6 dimensions");
        assertTensorRefused("FloatStorage", 6, 0, new int[70], new int[70], "_rebuild_tensor_v2");
        assertTensorRefused("FloatStorage", 6, 0, new int[] {1 << 30, 1 << 30}, new int[2], "elements");
        assertTensorRefused("FloatStorage", 6, 0, new int[] {1 << 30}, new int[] {0}, "beyond the size of the file");
        assertTensorRefused("FloatStorage", 1 << 30, 0, new int[] {1 << 30}, new int[] {1},
                "has 24 bytes, expected 4294967296");
        assertTensorRefused("DoubleStorage", 6, 0, new int[] {6}, new int[] {1}, "has 24 bytes, expected 48");
        assertTensorRefused("FloatStorage", -1, 0, new int[] {6}, new int[] {1}, "expected 0 to");
        assertTensorRefused("ComplexFloatStorage", 3, 0, new int[] {3}, new int[] {1}, "torch.ComplexFloatStorage");
    }

    private void assertTensorRefused(String storage, int elements, int offset, int[] size, int[] strides, String why)
            throws IOException {
        assertRefused(PickleBytes.protocol2().op('}').text("w").tensor(storage, "0", elements, offset, size, strides)
                .op('s').stop(), why);
    }

    @Test
    void legacyFilesThatLieAreRefused() throws IOException {
        byte[] pickle = PickleBytes.protocol2()
                .tensor("FloatStorage", "k", 6, 0, new int[] {6}, new int[] {1}).stop();
        Path file = folder.resolve("legacy");
        assertRefused(PickleBytes.legacy(file, pickle, "k", 7, FLOATS), "has 7 elements in its own header");
        assertRefused(PickleBytes.legacy(file, pickle, "k", 6, new byte[23]), "beyond the end of the file");
        assertRefused(PickleBytes.legacy(file, pickle, "other", 6, FLOATS), "names one that no tensor uses");
        byte[] huge = PickleBytes.protocol2()
                .tensor("FloatStorage", "k", 1 << 30, 0, new int[] {1 << 30}, new int[] {1}).stop();
        assertRefused(PickleBytes.legacy(file, huge, "k", 1 << 30, FLOATS), "beyond the end of the file");
    }

    @Test
    void archivesThatAreNotCheckpointsAreRefused() throws IOException {
        byte[] none = PickleBytes.protocol2().op('N').stop();
        Path file = folder.resolve("zip");
        assertRefused(PickleBytes.zip(file, none, Map.of("byteorder", "big".getBytes(StandardCharsets.US_ASCII))),
                "the byte order is 'big'");
        assertRefused(PickleBytes.zip(file, none, Map.of("x/data.pkl", none)), "more than one data.pkl");
        byte[] missing = PickleBytes.protocol2()
                .tensor("FloatStorage", "../9", 6, 0, new int[] {6}, new int[] {1}).stop();
        assertRefused(PickleBytes.zip(file, missing, Map.of("data/0", FLOATS)), "the archive has no 'm/data/../9'");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            zip.putNextEntry(new ZipEntry("readme"));
        }
        assertRefused(file, "a zip archive with no data.pkl");
    }

    @Test
    void aZipBombIsRefusedAtOnce() throws IOException {
        Path file = folder.resolve("bomb");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            zip.putNextEntry(new ZipEntry("m/data.pkl"));
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 100; i++) {
                zip.write(zeros);
            }
        }
        assertRefused(file, "'m/data.pkl' is compressed");
    }

    @Test
    void entriesThatShareTheirBytesDoNotMultiply() throws IOException {
        PickleBytes pickle = PickleBytes.protocol2().op(']', '(');
        byte[] data = new byte[4000];
        for (int i = 0; i < 3; i++) {
            pickle.tensor("FloatStorage", String.valueOf(i), 1000, 0, new int[] {1000}, new int[] {1});
        }
        byte[] bytes = Files.readAllBytes(PickleBytes.zip(folder.resolve("zip"), pickle.op('e').stop(),
                Map.of("data/0", data)));
        Path file = folder.resolve("overlap");
        Files.write(file, withCopiedDirectoryEntry(bytes));
        assertRefused(file, "more than the file has left");
    }

    /** Adds two more directory entries, data/1 and data/2, that point to the data of data/0. */
    private static byte[] withCopiedDirectoryEntry(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        int entry = text.lastIndexOf("PK\1\2");
        int end = text.lastIndexOf("PK\5\6");
        String copy = text.substring(entry, end);
        StringBuilder forged = new StringBuilder(text.substring(0, end));
        forged.append(copy.replace("data/0", "data/1")).append(copy.replace("data/0", "data/2"));
        StringBuilder tail = new StringBuilder(text.substring(end));
        int directory = tail.charAt(12) + (tail.charAt(13) << 8) + 2 * copy.length();
        tail.setCharAt(8, (char) (tail.charAt(8) + 2));
        tail.setCharAt(10, (char) (tail.charAt(10) + 2));
        tail.setCharAt(12, (char) (directory & 0xFF));
        tail.setCharAt(13, (char) (directory >> 8));
        return forged.append(tail).toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    @Test
    void damagedDataIsNoticed() throws IOException {
        byte[] pickle = PickleBytes.protocol2()
                .tensor("FloatStorage", "0", 6, 0, new int[] {6}, new int[] {1}).stop();
        Path file = PickleBytes.zip(folder.resolve("zip"), pickle, Map.of("data/0", FLOATS));
        byte[] bytes = Files.readAllBytes(file);
        int at = new String(bytes, StandardCharsets.ISO_8859_1)
                .indexOf(new String(FLOATS, StandardCharsets.ISO_8859_1));
        bytes[at + 7] ^= 1;
        Files.write(file, bytes);
        assertRefused(file, "'m/data/0' is damaged: its CRC is ");
    }

    @Test
    void missingEmptyAndOtherFilesAreRefused() throws IOException {
        Path file = folder.resolve("file");
        assertRefused(file, "no such file");
        assertRefused(folder, "is a folder, expected a file");
        assertRefused(Path.of("/dev/zero"), "not a regular file");
        Files.write(file, new byte[0]);
        assertRefused(file, "the file is empty");
        Files.writeString(file, "RIFF....WAVE");
        assertRefused(file, "not a PyTorch file");
        Files.writeString(file, "PK\3\4 and no more");
        assertRefused(file, "zip");
    }

    private void assertRefused(byte[] pickle, String why) throws IOException {
        assertRefused(PickleBytes.zip(folder.resolve("zip"), pickle, Map.of("data/0", FLOATS)), why);
    }

    private static void assertRefused(Path file, String why) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = threads.getCurrentThreadAllocatedBytes();
        assertThatThrownBy(() -> PyTorchFile.read(file)).isExactlyInstanceOf(IOException.class)
                .hasMessageStartingWith(file + ": ").hasMessageContaining(why).message().hasLineCount(1);
        assertThat(threads.getCurrentThreadAllocatedBytes() - allocated).as("bytes").isLessThan(256 << 20);
    }
}
