// SPDX-License-Identifier: Apache-2.0
package aulos.engine.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aulos.engine.NdArray;
import aulos.engine.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
    @TempDir
    private Path folder;
    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("x.safetensors");
    }

    @Test
    void whatIsWrittenIsReadBack() throws IOException {
        Map<String, NdArray> tensors = new LinkedHashMap<>();
        tensors.put("f \"quoted\" é<\ud83d\ude00\n", NdArray.of(Shape.of(3), 1f, Float.NaN, -0f));
        tensors.put("d", NdArray.of(Shape.of(1, 2), Math.PI, 1e300));
        tensors.put("s", NdArray.of(Shape.SCALAR, 5f));
        Safetensors.write(file, tensors, Map.of("format", "pt"));
        Map<String, NdArray> read = Safetensors.read(file);
        assertThat(read).containsOnlyKeys("f \"quoted\" é<\ud83d\ude00\n", "d", "s");
        assertThat(read.get("f \"quoted\" é<\ud83d\ude00\n").floats()).containsExactly(1f, Float.NaN, -0f);
        assertThat(read.get("d").doubles()).containsExactly(Math.PI, 1e300);
        assertThat(read.get("d").shape()).isEqualTo(Shape.of(1, 2));
        assertThat(read.get("s").shape()).isEqualTo(Shape.SCALAR);
        assertThat(Safetensors.metadata(file)).isEqualTo(Map.of("format", "pt"));
        assertThat(ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN).getLong() % 8).isZero();
        assertThatThrownBy(() -> Safetensors.write(file, Map.of("__metadata__", tensors.get("s")), Map.of()))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("reserves");
        assertThatThrownBy(() -> Safetensors.write(file, Map.of("a\ud83d", tensors.get("s")), Map.of()))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("half a surrogate pair");
    }

    @ParameterizedTest
    @CsvSource({"F16, 2, -1.875, 2", "BF16, 2, -1, 2", "I8, 4, -65, 1", "U8, 4, 191, 1", "BOOL, 4, 1, 1",
            "I16, 2, -16512, 2", "I32, 1, -1082130432, 4"})
    void everyTypeIsRead(String dtype, int length, double first, int bytes) throws IOException {
        byte[] data = {(byte) 0x80, (byte) 0xBF, (byte) 0x80, (byte) 0xBF};
        if (bytes == 1) {
            data[0] = (byte) 0xBF;
        }
        if (bytes == 4) {
            data = new byte[] {0, 0, (byte) 0x80, (byte) 0xBF};
        }
        write("{\"a\":{\"dtype\":\"" + dtype + "\",\"shape\":[" + length + "],\"data_offsets\":[0,4]}}  ", data);
        assertThat(Safetensors.read(file).get("a").get(0)).isEqualTo(first);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,4]}} | expected 8 bytes for F32[2]",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[4,12]}} | begins at 4, expected 0",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}} | has 8 bytes of data, expected 4",
        "{'a':{'dtype':'F32','shape':[4],'data_offsets':[0,16]}} | has 8 bytes of data, expected 16",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[8,0]}} | data_offsets [8,0]",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[-8,0]}} | data_offsets [-8,0]",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},'b':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}} "
                + "| 'b' begins at 4, expected 8",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]},'a':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}} "
                + "| has 'a' twice",
        "{'__metadata__':{},'__metadata__':{}} | has '__metadata__' twice",
        "{'__metadata__':{'a':'b','a':'c'}} | __metadata__ has 'a' twice",
        "{'__metadata__':{'a':['b']}} | has '[' at character 21, expected a string",
        "{'a':{'dtype':'F32','shape':[0],'data_offsets':[0,0]}} | 'a': shape [0] has dimension 0",
        "{'a':{'dtype':'F32','shape':[2147483639,3],'data_offsets':[0,8]}} | elements",
        "{'a':{'dtype':'F32','shape':[1,1,1,1,1,1,2],'data_offsets':[0,8]}} | more than 6 dimensions",
        "{'a':{'dtype':'C64','shape':[1],'data_offsets':[0,8]}} | type 'C64'",
        "{'a':{'dtype':'F64','shape':[1.0],'data_offsets':[0,8]}} | has '1' at character 29, expected a whole number",
        "{'a':{'dtype':'F64','shape':[1e0],'data_offsets':[0,8]}} | expected a whole number",
        "{'a':{'dtype':'F64','shape':['1'],'data_offsets':[0,8]}} | expected a whole number",
        "{'a':{'dtype':'F64','shape':[[1]],'data_offsets':[0,8]}} | has '[' at character 29, expected a whole number",
        "{'a':{'dtype':'F64','shape':[1],'data_offsets':[0,8,9]}} | lacks",
        "{'a':{'dtype':'F64','shape':[1]}} | lacks",
        "{'a':{'dtype':'F64','shape':[1],'data_offsets':[0,8],'x':1}} | unknown key 'x'",
        "{'a':{'dtype':'F64','shape':[1],'data_offsets':[0,8]}}{} | has '{' at character 54, expected nothing more",
        "{'a':{'dtype':'F64','shape':[1], | it ends at character 32, expected more",
        "{'a':{'dtype':'F64','shape':[1],}} | expected a string",
        "{'a':{'dtype':'F64' 'shape':[1]}} | expected ',' or '}'",
        "{'a':{'dtype':'F64','dtype':'F64','shape':[1],'data_offsets':[0,8]}} | 'a' has its dtype twice",
        "{'a':{'dtype':'F64','shape':[1],'data_offsets':[0,08]}} | expected a whole number",
        "{'a':{'dtype':'F64','shape':[1],'data_offsets':[0,99999999999999999999]}} | whole number of 64 bits",
        "{'a':{'dtype':'F64','shape':[-],'data_offsets':[0,8]}} | expected a whole number",
        "{'\\x':1} | expected one of",
        "{'\\u00g0':1} | four hexadecimal digits",
        "{'\\ud800':1} | both halves of each surrogate pair",
        "{'a\t':1} | without control characters",
        "{'a | expected the end of a string",
        "{'a\\ | expected one of",
        "{a:1} | expected a string",
        "[] | expected '{'",
    })
    void headersThatLieAreRefused(String header, String why) throws IOException {
        write(header.replace('\'', '"'), new byte[8]);
        assertRefused(why);
    }

    @Test
    void lengthsThatLieAreRefused() throws IOException {
        for (long length : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE, 1000, 100_000_001}) {
            Files.write(file, ByteBuffer.allocate(10).order(ByteOrder.LITTLE_ENDIAN).putLong(length).array());
            assertRefused("the header claims " + Long.toUnsignedString(length) + " bytes, expected at most 2");
        }
        Files.write(file, new byte[7]);
        assertRefused("has 7 bytes");
        Files.delete(file);
        assertRefused("no such file");
    }

    @Test
    void deepNestingIsRefused() throws IOException {
        write("{\"a\":" + "[".repeat(500_000), new byte[0]);
        assertRefused("has '[' at character 5, expected '{'");
        write("{\"a\":{\"dtype\":" + "{\"b\":".repeat(500_000), new byte[0]);
        assertRefused("has '{' at character 14, expected a string");
        write("{\"a\":{\"shape\":[" + "1,".repeat(500_000), new byte[0]);
        assertRefused("a list of more than 32 numbers");
    }

    @Test
    void aFileOfTooManyTensorsIsRefused() throws IOException {
        StringBuilder header = new StringBuilder("{");
        for (int i = 0; i <= 20_000; i++) {
            header.append(i == 0 ? "" : ",").append('"').append(i)
                    .append("\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[").append(i).append(',').append(i + 1).append("]}");
        }
        write(header.append('}').toString(), new byte[20_001]);
        assertRefused("more than 20000 tensors");
        StringBuilder texts = new StringBuilder("{\"__metadata__\":{\"\":\"\"");
        for (int i = 0; i < 20_000; i++) {
            texts.append(",\"").append(i).append("\":\"\"");
        }
        write(texts.append("}}").toString(), new byte[0]);
        assertRefused("__metadata__ has more than 20000 texts");
    }

    /** Before it is read: the format allows 100 MB, which would cost a gigabyte. */
    @Test
    void aHeaderThatIsTooLongIsRefused() throws IOException {
        write("{" + " ".repeat((4 << 20) - 2) + "}", new byte[0]);
        assertThat(Safetensors.read(file)).isEmpty();
        write("{" + " ".repeat((4 << 20) - 1) + "}", new byte[0]);
        assertRefused("has a header of 4194305 bytes, expected at most 4194304");
        assertThat(Container.of(file)).isEqualTo(Container.SAFETENSORS);
    }

    @Test
    void namesAreReadAsJsonEscapesThem() throws IOException {
        write("{ \"a\\u00e9\\ud83d\\ude00\\/\\b\\f\\n\\r\\t\\\"\\\\é\" : {\"dtype\":\"U8\",\"shape\":[ 1 ,1],\n\"data_offsets\":[0,1]} }\n ",
                new byte[] {7});
        assertThat(Safetensors.read(file)).containsOnlyKeys("aé\ud83d\ude00/\b\f\n\r\t\"\\é");
    }

    @Test
    void headersThatAreNotUtf8AreRefused() throws IOException {
        Files.write(file, new byte[] {3, 0, 0, 0, 0, 0, 0, 0, '{', (byte) 0xFF, '}'});
        assertRefused("not UTF-8");
    }

    private void write(String header, byte[] data) throws IOException {
        byte[] utf8 = header.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(utf8.length).array());
        out.writeBytes(utf8);
        out.writeBytes(data);
        Files.write(file, out.toByteArray());
    }

    private void assertRefused(String why) {
        assertThatThrownBy(() -> Safetensors.read(file)).isExactlyInstanceOf(IOException.class)
                .hasMessageStartingWith(file + ": ").hasMessageContaining(why).message().hasLineCount(1);
    }
}
