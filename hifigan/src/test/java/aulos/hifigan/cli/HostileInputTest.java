// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import aulos.engine.NdArray;
import aulos.engine.Shape;
import aulos.engine.io.Npy;
import aulos.engine.io.Safetensors;
import aulos.hifigan.io.PyTorchFile;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever is wrong with a file: one line, exit code 1, within seconds, in little memory, and no file is left behind. */
@Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HostileInputTest {
    private static final long MAX_ALLOCATED = 256L << 20;

    @TempDir
    Path folder;

    private Path checkpoint;

    @BeforeEach
    void voice() throws IOException {
        checkpoint = TinyVoice.write(folder);
    }

    /** Writes a file that is wrong. */
    private interface Writer {
        void write(Path file) throws IOException;
    }

    private enum Input {
        MISSING("x.wav", "no such file", file -> { }),
        EMPTY("x.wav", "is empty", file -> Files.createFile(file)),
        FOLDER_OF_NOTHING("x", "has no file that ends in", file -> Files.createDirectory(file)),
        TEXT("x.wav", "is neither WAV nor FLAC", file -> Files.writeString(file, "hello, world")),
        TRUNCATED_WAV("x.wav", "file ends inside", file -> cut(TinyVoice.tone(file, TinyVoice.RATE, 4000), 42)),
        LYING_WAV("x.wav", "chunk 'fmt '", file -> patch(TinyVoice.tone(file, TinyVoice.RATE, 4000), 16, 0x7000_0000)),
        TOO_SHORT("x.wav", "a clip of 90 samples is too short", file -> TinyVoice.tone(file, TinyVoice.RATE, 90)),
        NOT_FINITE_WAV("x.wav", "expected a finite value", file -> Files.write(file, floatWav(Float.NaN))),
        TRUNCATED_FLAC("x.flac", "file ends inside", file -> Files.writeString(file, "fLaC\0\0\0\"lo and behold")),
        EMPTY_NPY("x.npy", "not a .npy file", file -> Files.createFile(file)),
        LYING_NPY("x.npy", "expected", file -> Files.write(file, npy("(12, 100000000)"))),
        HUGE_NPY("x.npy", "dimension 9999999999", file -> Files.write(file, npy("(12, 9999999999)"))),
        NAN_MEL("x.npy", "mel is NaN at band 2, frame 1", file -> mel(file, 12, Float.NaN)),
        INFINITE_MEL("x.npy", "mel is -Infinity at band 2, frame 1", file -> mel(file, 12, Float.NEGATIVE_INFINITY)),
        WRONG_MELS("x.npy", "mel has shape [80,8], expected [12,frames] or [1,12,frames]", file -> mel(file, 80, 0)),
        WRONG_RANK("x.npy", "mel has shape [5]", file -> Npy.write(file, NdArray.of(Shape.of(5), new float[5])));

        private final String name;
        private final String says;
        @SuppressWarnings("ImmutableEnumChecker") // a lambda without state
        private final Writer writer;

        Input(String name, String says, Writer writer) {
            this.name = name;
            this.says = says;
            this.writer = writer;
        }
    }

    private enum Checkpoint {
        MISSING("no such file", file -> { }),
        EMPTY("the file is empty", file -> Files.createFile(file)),
        FOLDER("is a folder", file -> Files.createDirectory(file)),
        TEXT("neither a PyTorch checkpoint nor a safetensors file", file -> Files.writeString(file, "hello")),
        TRUNCATED("zip archive", file -> cut(Files.write(file, official()), 9000)),
        HALF_A_BYTE_WRONG("CRC", file -> {
            byte[] bytes = official();
            bytes[bytes.length / 2] ^= 1;
            Files.write(file, bytes);
        }),
        OS_SYSTEM("posix.system", file -> zip(file, "cposix\nsystem\n(S'touch pwned'\ntR.".getBytes(
                StandardCharsets.US_ASCII), ZipEntry.STORED)),
        ZIP_BOMB("is compressed", file -> zip(file, new byte[64 << 20], ZipEntry.DEFLATED)),
        LYING_HEADER("the header claims", file -> Files.write(file, safetensors(50_000_000, "{}"))),
        OFFSETS_OUT_OF_RANGE("expected", file -> Files.write(file, safetensors(-1,
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1000000000],\"data_offsets\":[0,4000000000]}}"))),
        TRAINING_STATE("the weights are in the g_ file", file -> PyTorchFile.write(file,
                Map.of("optim_g", Map.of(), "steps", 4L))),
        OTHER_SIZE("conv_pre.bias is [8], the configuration expects [16]", file -> Safetensors.write(file,
                Map.of("conv_pre.bias", NdArray.of(Shape.of(8), new float[8])), Map.of())),
        NOT_A_GENERATOR("expected 'generator' or any dict with a 'conv_pre'", file -> Safetensors.write(file,
                Map.of("a", NdArray.of(Shape.of(8), new float[8])), Map.of())),
        HOSTILE_CONFIG("hop_size", file -> {
            Files.write(file, official());
            Files.writeString(file.resolveSibling("config.json"), TinyVoice.CONFIG.replace("64,", "65,"));
        }),
        NO_CONFIG("config.json", file -> {
            Files.write(file, official());
            Files.delete(file.resolveSibling("config.json"));
        });

        private final String says;
        @SuppressWarnings("ImmutableEnumChecker") // a lambda without state
        private final Writer writer;

        Checkpoint(String says, Writer writer) {
            this.says = says;
            this.writer = writer;
        }
    }

    @ParameterizedTest
    @EnumSource
    void inputs(Input input) throws IOException {
        Path file = folder.resolve(input.name);
        input.writer.write(file);
        Path mels = folder.resolve("mels.npy");
        check(input.says, "vocode", "--checkpoint", checkpoint.toString(), "--out", at("result.wav"), file.toString());
        if (!input.name.endsWith(".npy")) {
            check(input.says, "mel", "--config", at("config.json"), "--out", mels.toString(), file.toString());
        }
    }

    @ParameterizedTest
    @EnumSource
    void checkpoints(Checkpoint wrong) throws IOException {
        Path inner = Files.createDirectory(folder.resolve("inner"));
        Files.copy(folder.resolve("config.json"), inner.resolve("config.json"));
        Path file = inner.resolve("g_00000009");
        wrong.writer.write(file);
        String tone = TinyVoice.tone(folder.resolve("tone.wav"), TinyVoice.RATE, 4000).toString();
        check(wrong.says, "vocode", "--checkpoint", file.toString(), "--out", at("result.wav"), tone);
        check(wrong.says, "export", "--checkpoint", file.toString(), "--out", at("result.onnx"));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.INCLUDE, names = {"MISSING", "EMPTY", "TRUNCATED", "OS_SYSTEM", "ZIP_BOMB",
        "LYING_HEADER", "OFFSETS_OUT_OF_RANGE"})
    void infoOfCheckpoints(Checkpoint wrong) throws IOException {
        Path file = folder.resolve("inner");
        wrong.writer.write(file);
        check("", "info", file.toString());
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.MATCH_ALL, names = "(?!NAN|INFINITE|WRONG|TOO_SHORT|FOLDER).*")
    void infoOfInputs(Input input) throws IOException {
        Path file = folder.resolve(input.name);
        input.writer.write(file);
        check("", "info", file.toString());
    }

    private String at(String name) {
        return folder.resolve(name).toString();
    }

    private void check(String says, String... args) throws IOException {
        Set<Path> before = files();
        long allocated = allocatedBytes();
        Cli run = Cli.run(args);
        assertThat(allocatedBytes() - allocated).as("bytes allocated").isLessThan(MAX_ALLOCATED);
        assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.errors()).singleElement().asString().startsWith("aulos: ").contains(says)
                .doesNotContain("internal error");
        assertThat(files()).isEqualTo(before);
    }

    private Set<Path> files() throws IOException {
        Set<Path> files = new TreeSet<>();
        try (Stream<Path> given = Files.walk(folder); Stream<Path> current = Files.list(Path.of(""))) {
            given.forEach(files::add);
            current.forEach(files::add);
        }
        return files;
    }

    private static long allocatedBytes() {
        return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }

    private static byte[] official() throws IOException {
        Path elsewhere = Files.createTempDirectory("aulos");
        Path written = TinyVoice.write(elsewhere);
        byte[] bytes = Files.readAllBytes(written);
        for (Path file : List.of(written, elsewhere.resolve("config.json"), elsewhere)) {
            Files.delete(file);
        }
        return bytes;
    }

    private static void cut(Path file, int length) throws IOException {
        Files.write(file, Arrays.copyOf(Files.readAllBytes(file), length));
    }

    private static void patch(Path file, int position, int value) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(position, value).array());
    }

    private static byte[] floatWav(float sample) {
        ByteBuffer wav = ByteBuffer.allocate(44 + 4000).order(ByteOrder.LITTLE_ENDIAN);
        wav.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(36 + 4000);
        wav.put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII)).putInt(16).putShort((short) 3).putShort((short) 1);
        wav.putInt(TinyVoice.RATE).putInt(4 * TinyVoice.RATE).putShort((short) 4).putShort((short) 32);
        wav.put("data".getBytes(StandardCharsets.US_ASCII)).putInt(4000);
        return wav.putFloat(2000, sample).array();
    }

    /** The header of an array, and four bytes of it. */
    private static byte[] npy(String shape) {
        String header = "{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + ", }\n";
        ByteBuffer npy = ByteBuffer.allocate(10 + header.length() + 4).order(ByteOrder.LITTLE_ENDIAN);
        npy.put((byte) 0x93).put("NUMPY\1\0".getBytes(StandardCharsets.US_ASCII)).putShort((short) header.length());
        return npy.put(header.getBytes(StandardCharsets.US_ASCII)).array();
    }

    private static void mel(Path file, int mels, float oneValue) throws IOException {
        float[] values = new float[mels * 8];
        values[2 * 8 + 1] = oneValue;
        Npy.write(file, NdArray.of(Shape.of(mels, 8), values));
    }

    /** @param claimed length of the header, or −1 for the true one */
    private static byte[] safetensors(long claimed, String header) {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + text.length).order(ByteOrder.LITTLE_ENDIAN)
                .putLong(claimed < 0 ? text.length : claimed).put(text).array();
    }

    private static void zip(Path file, byte[] pickle, int method) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(pickle);
        ZipEntry entry = new ZipEntry("archive/data.pkl");
        entry.setMethod(method);
        entry.setSize(pickle.length);
        entry.setCrc(crc.getValue());
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            zip.putNextEntry(entry);
            zip.write(pickle);
            zip.closeEntry();
        }
    }
}
