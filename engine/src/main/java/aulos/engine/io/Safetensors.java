// SPDX-License-Identifier: Apache-2.0
package aulos.engine.io;

import aulos.engine.NdArray;
import aulos.engine.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/**
 * Hugging Face's safetensors: the length of a JSON header (int64, little-endian), the header, the data of all tensors
 * without gaps. Format: {@code github.com/huggingface/safetensors}.
 */
public final class Safetensors {
    private static final int ALIGNMENT = 8;

    private Safetensors() {
    }

    /**
     * Reads all tensors, in the order of the header: F16, BF16 and F32 as float32, F64, I64, I32, I16, I8, U8 and BOOL
     * as float64.
     *
     * @throws IOException if the file cannot be read, is not a safetensors file, lies about its sizes, or holds a
     *     tensor that is empty, of another type, or of more dimensions than a {@link Shape} has
     */
    public static Map<String, NdArray> read(Path path) throws IOException {
        return InputFile.read(path, Safetensors::read);
    }

    /** What the file says about itself under {@code __metadata__}; empty if it says nothing. */
    public static Map<String, String> metadata(Path path) throws IOException {
        return InputFile.read(path, file -> SafetensorsHeader.read(file).metadata());
    }

    /** As {@link #read(Path)}. */
    public static Map<String, NdArray> read(InputFile file) throws IOException {
        SafetensorsHeader header = SafetensorsHeader.read(file);
        Map<String, NdArray> tensors = new LinkedHashMap<>();
        for (Map.Entry<String, SafetensorsHeader.TensorInfo> entry : header.tensors().entrySet()) {
            SafetensorsHeader.TensorInfo tensor = entry.getValue();
            InputStream in = file.streamAt(header.dataStart() + tensor.begin());
            tensors.put(entry.getKey(), tensor.dtype().read(in, tensor.shape(), ByteOrder.LITTLE_ENDIAN));
        }
        return tensors;
    }

    /**
     * Writes float32 arrays as F32 and float64 arrays as F64, the latter first so that all data is aligned.
     *
     * @param metadata free texts for {@code __metadata__}
     * @throws IllegalArgumentException if a tensor is named {@code __metadata__}, or if a name or text is no Unicode text
     * @throws IOException if the file cannot be written; then nothing is left behind
     */
    public static void write(Path path, Map<String, NdArray> tensors, Map<String, String> metadata) throws IOException {
        List<Map.Entry<String, NdArray>> ordered = new ArrayList<>(tensors.entrySet());
        ordered.sort(Comparator.comparing(entry -> !entry.getValue().isDouble()));
        byte[] header = header(ordered, metadata);
        AtomicFile.write(path, out -> {
            out.write(ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).array());
            out.write(header);
            for (Map.Entry<String, NdArray> entry : ordered) {
                Dtype.write(entry.getValue(), out);
            }
        });
    }

    private static byte[] header(List<Map.Entry<String, NdArray>> tensors, Map<String, String> metadata) {
        StringJoiner header = new StringJoiner(",", "{", "}");
        if (!metadata.isEmpty()) {
            StringJoiner texts = new StringJoiner(",", "{", "}");
            metadata.forEach((key, value) -> texts.add(quote(key) + ":" + quote(value)));
            header.add(quote(SafetensorsHeader.METADATA) + ":" + texts);
        }
        long offset = 0;
        for (Map.Entry<String, NdArray> entry : tensors) {
            if (entry.getKey().equals(SafetensorsHeader.METADATA)) {
                throw new IllegalArgumentException("a tensor is named '__metadata__', which safetensors reserves");
            }
            NdArray array = entry.getValue();
            Dtype dtype = Dtype.of(array);
            long end = offset + (long) array.shape().size() * dtype.bytes();
            header.add(quote(entry.getKey()) + ":{\"dtype\":\"" + dtype + "\",\"shape\":" + array.shape()
                    + ",\"data_offsets\":[" + offset + "," + end + "]}");
            offset = end;
        }
        String text = header.toString();
        int padding = Math.floorMod(-text.getBytes(StandardCharsets.UTF_8).length, ALIGNMENT);
        return (text + " ".repeat(padding)).getBytes(StandardCharsets.UTF_8);
    }

    private static String quote(String text) {
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw new IllegalArgumentException(InputFile.quote(text) + " has half a surrogate pair");
        }
        return Json.quote(text);
    }
}
