// SPDX-License-Identifier: Apache-2.0
package aulos.engine.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aulos.engine.NdArray;
import aulos.engine.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NpyTest {
    @TempDir
    private Path folder;
    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("x.npy");
    }

    @Test
    void whatIsWrittenIsReadBack() throws IOException {
        for (Shape shape : new Shape[] {Shape.SCALAR, Shape.of(6), Shape.of(2, 3), Shape.of(1, 2, 3), Shape.of(1, 2, 1, 3, 1, 2)}) {
            float[] floats = new float[shape.size()];
            double[] doubles = new double[shape.size()];
            for (int i = 0; i < floats.length; i++) {
                floats[i] = i + 0.1f;
                doubles[i] = i + 0.1;
            }
            Npy.write(file, NdArray.of(shape, floats));
            assertThat(Npy.read(file).floats()).containsExactly(floats);
            Npy.write(file, NdArray.of(shape, doubles));
            NdArray read = Npy.read(file);
            assertThat(read.shape()).isEqualTo(shape);
            assertThat(read.isDouble()).isTrue();
            assertThat(read.doubles()).containsExactly(doubles);
        }
    }

    @Test
    void theHeaderIsNumPys() throws IOException {
        Npy.write(file, NdArray.of(Shape.of(3), 1f, 2f, 3f));
        String header = new String(Files.readAllBytes(file), 0, 128, StandardCharsets.ISO_8859_1);
        assertThat(header).startsWith("\u0093NUMPY\1\0v\0{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }  ")
                .endsWith(" \n");
        assertThat(Files.size(file)).isEqualTo(128 + 12);
    }

    @Test
    void everyTypeAndOrderIsRead() throws IOException {
        ByteBuffer halves = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer bigDoubles = ByteBuffer.allocate(48);
        for (int i = 0; i < 6; i++) {
            halves.putShort(Float.floatToFloat16(i));
            bigDoubles.putDouble(i);
        }
        write(1, "{'shape': (2, 3), 'fortran_order': False, 'descr': '<f2'}\n", halves.array());
        assertThat(Npy.read(file).floats()).containsExactly(0, 1, 2, 3, 4, 5);
        write(2, "{\"descr\": \">f8\", \"fortran_order\": True, \"shape\": (3L, 2L), }", bigDoubles.array());
        assertThat(Npy.read(file).doubles()).containsExactly(0, 3, 1, 4, 2, 5);
        assertThat(Npy.read(file).shape()).isEqualTo(Shape.of(3, 2));
        write(3, "{'descr':'>f8','fortran_order':True,'shape':(1,3,2),}", bigDoubles.array());
        assertThat(Npy.read(file).doubles()).containsExactly(0, 3, 1, 4, 2, 5);
        write(3, "{'descr':'>f8','fortran_order':True,'shape':(6,)}", bigDoubles.array());
        assertThat(Npy.read(file).doubles()).containsExactly(0, 1, 2, 3, 4, 5);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "<f4 | False | (3, 7)", "<f4 | True | (3, 7)", ">f8 | False | (1, 3, 7)", "<f8 | True | (1, 3, 7)", "<f2 | False | (3, 7)"
    })
    void someColumnsAreReadWithoutTheRest(String type, String fortran, String shape) throws IOException {
        ByteBuffer data = ByteBuffer.allocate(21 * (type.charAt(2) - '0'))
                .order(type.startsWith("<") ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        for (int i = 0; i < 21; i++) {
            switch (type.charAt(2)) {
                case '2' -> data.putShort(Float.floatToFloat16(i));
                case '4' -> data.putFloat(i);
                default -> data.putDouble(i);
            }
        }
        write(1, "{'descr': '" + type + "', 'fortran_order': " + fortran + ", 'shape': " + shape + "}", data.array());
        NdArray all = Npy.read(file);
        try (NpyMatrix matrix = NpyMatrix.open("x", Files.newByteChannel(file))) {
            assertThat(matrix.shape()).isEqualTo(all.shape());
            for (int first = 0; first < 7; first++) {
                for (int count = 1; first + count <= 7; count++) {
                    NdArray some = matrix.columns(first, count);
                    assertThat(some.shape()).isEqualTo(Shape.of(3, count));
                    assertThat(some.isDouble()).isEqualTo(all.isDouble());
                    for (int i = 0; i < 3 * count; i++) {
                        assertThat(some.get(i)).isEqualTo(all.get(i / count * 7 + first + i % count));
                    }
                }
            }
        }
    }

    @Test
    void onlyAMatrixHasColumns() throws IOException {
        Npy.write(file, NdArray.of(Shape.of(3), 1f, 2f, 3f));
        try (NpyMatrix matrix = NpyMatrix.open("x.npy", Files.newByteChannel(file))) {
            assertThatThrownBy(() -> matrix.columns(0, 1)).hasMessage("x.npy: has shape [3], expected [rows,columns]");
        }
        Files.writeString(file, "nothing like it");
        assertThatThrownBy(() -> NpyMatrix.open("x.npy", Files.newByteChannel(file)))
                .hasMessageStartingWith("x.npy: not a .npy file");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "{}", "()", "{'descr': '<f4'}", "{'descr': '<f4', 'fortran_order': False}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2)}", "{'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': '(2,)'}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': True}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} x",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'shape': (2,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}",
        "{'descr': '<f4', 'fortran_order': '<f4', 'shape': (2,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (__import__('os').system('x'),)}"})
    void malformedHeadersAreRefused(String header) throws IOException {
        write(1, header, new byte[8]);
        assertRefused("is not {'descr': '<f4', 'fortran_order': False, 'shape': (…), }");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "(3,) | <f4 | holds 8 bytes of data, expected 12 for F32[3]",
        "(1,) | <f4 | holds 8 bytes of data, expected 4",
        "(2,) | <i4 | the array is of type '<i4'",
        "(2,) | `|O` | the array is of type '|O'",
        "(2,) | True | the array is of type 'True'",
        "(0,) | <f4 | dimension 0",
        "(1,1,1,1,1,1,2) | <f4 | more than 6 dimensions",
        "(2147483647,) | <f4 | holds 8 bytes of data, expected 8589934588",
        "(2147483639,9) | <f4 | elements",
        "(9999999999,) | <f4 | dimension 9999999999"
    })
    void headersThatLieAreRefused(String shape, String descr, String why) throws IOException {
        String literal = descr.equals("True") ? descr : "'" + descr + "'";
        write(1, "{'descr': " + literal + ", 'fortran_order': False, 'shape': " + shape + ", }", new byte[8]);
        assertRefused(why.replace("holds 8 bytes of data, expected 8589934588", "expected"));
    }

    @Test
    @Timeout(value = 30, unit = TimeUnit.SECONDS)
    void aHeaderThatStrainsTheParserIsRefused() throws IOException {
        write(2, "{'descr': '<f4', 'fortran_order': False, 'shape': (2" + " ".repeat(65_000) + ";)}", new byte[8]);
        assertRefused("is not {");
        write(2, "{" + " ".repeat(65_000), new byte[8]);
        assertRefused("is not {");
    }

    @Test
    void lengthsAndVersionsThatLieAreRefused() throws IOException {
        write(4, "{}", new byte[8]);
        assertRefused(".npy version 4.0");
        write(2, "{}", new byte[8]);
        byte[] bytes = Files.readAllBytes(file);
        bytes[11] = (byte) 0xFF;
        Files.write(file, bytes);
        assertRefused("the header claims 4278190082 bytes, expected at most 10");
        Files.writeString(file, "RIFF of some length");
        assertRefused("not a .npy file");
        Files.write(file, new byte[0]);
        assertRefused("not a .npy file");
    }

    private void write(int version, String header, byte[] data) throws IOException {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(12 + text.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII)).put((byte) version).put((byte) 0);
        if (version == 1) {
            bytes.putShort((short) text.length);
        } else {
            bytes.putInt(text.length);
        }
        bytes.put(text).put(data).flip();
        byte[] all = new byte[bytes.remaining()];
        bytes.get(all);
        Files.write(file, all);
    }

    private void assertRefused(String why) {
        assertThatThrownBy(() -> Npy.read(file)).isExactlyInstanceOf(IOException.class)
                .hasMessageStartingWith(file + ": ").hasMessageContaining(why).message().hasLineCount(1);
    }
}
