// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.io;

import aulos.engine.Shape;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import java.io.EOFException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The header of a safetensors file, as in
 * {@code {"__metadata__": {…}, "bias": {"dtype": "F32", "shape": [32], "data_offsets": [0, 128]}, …}}.
 *
 * @param dataStart where in the file the data begins, which the offsets count from
 */
record SafetensorsHeader(Map<String, Tensor> tensors, Map<String, String> metadata, long dataStart) {
    static final String METADATA = "__metadata__";
    /** The format's own limit. */
    private static final long MAX_LENGTH = 100_000_000;

    /** @param end after the last byte */
    record Tensor(Dtype dtype, Shape shape, long begin, long end) {
    }

    /** Whether the file starts like one of these: it has no magic number, but the header begins with a brace. */
    static boolean matches(InputFile file) throws IOException {
        byte[] head = file.head(Long.BYTES + 1);
        return head.length == Long.BYTES + 1 && head[Long.BYTES] == '{' && length(head) <= MAX_LENGTH
                && length(head) > 0;
    }

    static SafetensorsHeader read(InputFile file) throws IOException {
        byte[] head = file.head(Long.BYTES);
        if (head.length < Long.BYTES) {
            throw new IOException("has " + head.length + " bytes, expected at least the 8 of a safetensors header");
        }
        long length = length(head);
        long limit = Math.min(MAX_LENGTH, file.size() - Long.BYTES);
        if (length < 0 || length > limit) {
            throw new IOException("not a safetensors file, or truncated: the header claims "
                    + Long.toUnsignedString(length) + " bytes, expected at most " + limit);
        }
        byte[] json = file.streamAt(Long.BYTES).readNBytes((int) length);
        SafetensorsHeader header;
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(json)).toString();
            header = parse(text, Long.BYTES + length);
        } catch (CharacterCodingException e) {
            throw new IOException("not a safetensors file: the header is not UTF-8", e);
        }
        header.checkLayout(file.size() - header.dataStart);
        return header;
    }

    private static long length(byte[] head) {
        return ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }

    private static SafetensorsHeader parse(String text, long dataStart) throws IOException {
        JsonReader json = new JsonReader(new StringReader(text));
        json.setStrictness(Strictness.STRICT);
        SafetensorsHeader header = new SafetensorsHeader(new LinkedHashMap<>(), new LinkedHashMap<>(), dataStart);
        try {
            json.beginObject();
            boolean metadataSeen = false;
            while (json.hasNext()) {
                String name = json.nextName();
                if (name.equals(METADATA) && !metadataSeen) {
                    metadataSeen = true;
                    header.parseMetadata(json);
                } else if (name.equals(METADATA) || header.tensors.put(name, tensor(name, json)) != null) {
                    throw new IOException("the header has " + InputFile.quote(name) + " twice");
                }
            }
            json.endObject();
            if (json.peek() != JsonToken.END_DOCUMENT) {
                throw new IOException("the header goes on after its last brace");
            }
        } catch (EOFException | MalformedJsonException | IllegalStateException | NumberFormatException e) {
            throw new IOException("the header is not the JSON of a safetensors file: " + e.getMessage().lines()
                    .findFirst().orElse(""), e);
        }
        return header;
    }

    private void parseMetadata(JsonReader json) throws IOException {
        json.beginObject();
        while (json.hasNext()) {
            metadata.put(json.nextName(), json.nextString());
        }
        json.endObject();
    }

    private static Tensor tensor(String name, JsonReader json) throws IOException {
        String dtype = null;
        List<Long> shape = null;
        List<Long> offsets = null;
        json.beginObject();
        while (json.hasNext()) {
            String key = json.nextName();
            switch (key) {
                case "dtype" -> dtype = json.nextString();
                case "shape" -> shape = longs(json);
                case "data_offsets" -> offsets = longs(json);
                default -> throw new IOException(
                        InputFile.quote(name) + " has the unknown key " + InputFile.quote(key));
            }
        }
        json.endObject();
        if (dtype == null || shape == null || offsets == null || offsets.size() != 2) {
            throw new IOException(InputFile.quote(name) + " lacks its dtype, its shape or its two data_offsets");
        }
        return tensor(name, dtype, shape, offsets.get(0), offsets.get(1));
    }

    private static Tensor tensor(String name, String dtypeName, List<Long> dims, long begin, long end)
            throws IOException {
        Dtype dtype;
        Shape shape;
        try {
            dtype = Dtype.valueOf(dtypeName);
            shape = Dtype.shape(dims);
        } catch (IllegalArgumentException e) {
            throw new IOException(InputFile.quote(name) + " is of type " + InputFile.quote(dtypeName)
                    + ", expected one of " + List.of(Dtype.values()), e);
        } catch (IOException e) {
            throw new IOException(InputFile.quote(name) + ": " + e.getMessage(), e);
        }
        long bytes = (long) shape.size() * dtype.bytes();
        if (begin < 0 || end < begin || end - begin != bytes) {
            throw new IOException(InputFile.quote(name) + " has data_offsets [" + begin + "," + end + "], expected "
                    + bytes + " bytes for " + dtype + shape);
        }
        return new Tensor(dtype, shape, begin, end);
    }

    /** Integers only: a shape of [1.0] or ["1"] is none. */
    private static List<Long> longs(JsonReader json) throws IOException {
        List<Long> values = new ArrayList<>();
        json.beginArray();
        while (json.hasNext()) {
            if (json.peek() != JsonToken.NUMBER) {
                throw new IOException("the header has a " + json.peek() + " where a number is expected");
            }
            values.add(Long.valueOf(json.nextString()));
        }
        json.endArray();
        return values;
    }

    /** The tensors cover the data without overlap or gap, which also bounds all of them together by the file's size. */
    private void checkLayout(long dataLength) throws IOException {
        List<Map.Entry<String, Tensor>> ordered = new ArrayList<>(tensors.entrySet());
        ordered.sort(Comparator.comparingLong(entry -> entry.getValue().begin()));
        long position = 0;
        for (Map.Entry<String, Tensor> entry : ordered) {
            if (entry.getValue().begin() != position) {
                throw new IOException("the data of " + InputFile.quote(entry.getKey()) + " begins at "
                        + entry.getValue().begin() + ", expected " + position + " where the tensor before it ends");
            }
            position = entry.getValue().end();
        }
        if (position != dataLength) {
            throw new IOException("has " + dataLength + " bytes of data, expected " + position
                    + " for the tensors of its header");
        }
    }
}
