// SPDX-License-Identifier: Apache-2.0
package aulos.engine.io;

import aulos.engine.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The header of a safetensors file, as in
 * {@code {"__metadata__": {…}, "bias": {"dtype": "F32", "shape": [32], "data_offsets": [0, 128]}, …}}.
 *
 * @param tensors in the order of the header
 * @param metadata what the file says about itself
 * @param dataStart where in the file the data begins, which the offsets count from
 */
public record SafetensorsHeader(Map<String, TensorInfo> tensors, Map<String, String> metadata, long dataStart) {
    static final String METADATA = "__metadata__";
    /** The format's own limit. */
    private static final long FORMAT_LENGTH = 100_000_000;
    /** Of a header that is read; 20,000 tensors need half of it. What it costs in memory is fifty times as much. */
    private static final long MAX_LENGTH = 4 << 20;
    /** Ten times what one file of the largest models has; texts of the metadata are counted alike. */
    private static final int MAX_ENTRIES = 20_000;
    /** Of a shape that is still shown whole when it is refused. */
    private static final int MAX_INTEGERS = 32;

    /**
     * What the header says of a tensor.
     *
     * @param begin of its bytes, from where the data begins
     * @param end after the last byte
     */
    public record TensorInfo(Dtype dtype, Shape shape, long begin, long end) {
    }

    /** Whether the file starts like one of these: it has no magic number, but the header begins with a brace. */
    static boolean matches(InputFile file) throws IOException {
        byte[] head = file.head(Long.BYTES + 1);
        return head.length == Long.BYTES + 1 && head[Long.BYTES] == '{' && length(head) <= FORMAT_LENGTH
                && length(head) > 0;
    }

    /**
     * Reads the header, and holds it against the length of the file.
     *
     * @throws IOException if the file is no safetensors file, or lies about its sizes
     */
    public static SafetensorsHeader read(InputFile file) throws IOException {
        byte[] head = file.head(Long.BYTES);
        if (head.length < Long.BYTES) {
            throw new IOException("has " + head.length + " bytes, expected at least the 8 of a safetensors header");
        }
        long length = length(head);
        long limit = Math.min(FORMAT_LENGTH, file.size() - Long.BYTES);
        if (length < 0 || length > limit) {
            throw new IOException("not a safetensors file, or truncated: the header claims "
                    + Long.toUnsignedString(length) + " bytes, expected at most " + limit);
        }
        if (length > MAX_LENGTH) {
            throw new IOException("has a header of " + length + " bytes, expected at most " + MAX_LENGTH);
        }
        byte[] json = file.streamAt(Long.BYTES).readNBytes((int) length);
        String text;
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(json)).toString();
        } catch (CharacterCodingException e) {
            throw new IOException("not a safetensors file: the header is not UTF-8", e);
        }
        SafetensorsHeader header = parse(text, Long.BYTES + length);
        header.checkLayout(file.size() - header.dataStart);
        return header;
    }

    private static long length(byte[] head) {
        return ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }

    private static SafetensorsHeader parse(String text, long dataStart) throws IOException {
        Map<String, TensorInfo> tensors = new LinkedHashMap<>();
        Map<String, String> metadata = new LinkedHashMap<>();
        JsonText json = new JsonText(text);
        boolean metadataSeen = false;
        json.expect('{');
        for (boolean first = true; json.hasNext(first, '}'); first = false) {
            String name = json.string();
            json.expect(':');
            if (name.equals(METADATA) && !metadataSeen) {
                metadataSeen = true;
                parseMetadata(json, metadata);
            } else if (name.equals(METADATA) || tensors.put(name, tensor(name, json)) != null) {
                throw new IOException("the header has " + InputFile.quote(name) + " twice");
            } else if (tensors.size() > MAX_ENTRIES) {
                throw new IOException("the header has more than " + MAX_ENTRIES + " tensors");
            }
        }
        json.end();
        return new SafetensorsHeader(
                Collections.unmodifiableMap(tensors), Collections.unmodifiableMap(metadata), dataStart);
    }

    private static void parseMetadata(JsonText json, Map<String, String> metadata) throws IOException {
        json.expect('{');
        for (boolean first = true; json.hasNext(first, '}'); first = false) {
            String key = json.string();
            json.expect(':');
            if (metadata.put(key, json.string()) != null) {
                throw new IOException("__metadata__ has " + InputFile.quote(key) + " twice");
            }
            if (metadata.size() > MAX_ENTRIES) {
                throw new IOException("__metadata__ has more than " + MAX_ENTRIES + " texts");
            }
        }
    }

    private static TensorInfo tensor(String name, JsonText json) throws IOException {
        String dtype = null;
        List<Long> shape = null;
        List<Long> offsets = null;
        json.expect('{');
        for (boolean first = true; json.hasNext(first, '}'); first = false) {
            String key = json.string();
            json.expect(':');
            boolean again = switch (key) {
                case "dtype" -> dtype != null;
                case "shape" -> shape != null;
                case "data_offsets" -> offsets != null;
                default -> throw new IOException(
                        InputFile.quote(name) + " has the unknown key " + InputFile.quote(key));
            };
            if (again) {
                throw new IOException(InputFile.quote(name) + " has its " + key + " twice");
            }
            switch (key) {
                case "dtype" -> dtype = json.string();
                case "shape" -> shape = integers(json);
                default -> offsets = integers(json);
            }
        }
        if (dtype == null || shape == null || offsets == null || offsets.size() != 2) {
            throw new IOException(InputFile.quote(name) + " lacks its dtype, its shape or its two data_offsets");
        }
        return tensor(name, dtype, shape, offsets.get(0), offsets.get(1));
    }

    private static TensorInfo tensor(String name, String dtypeName, List<Long> dims, long begin, long end)
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
        return new TensorInfo(dtype, shape, begin, end);
    }

    /** A shape of [1.0] or ["1"] is none. */
    private static List<Long> integers(JsonText json) throws IOException {
        List<Long> values = new ArrayList<>();
        json.expect('[');
        for (boolean first = true; json.hasNext(first, ']'); first = false) {
            if (values.size() == MAX_INTEGERS) {
                throw new IOException("the header has a list of more than " + MAX_INTEGERS + " numbers");
            }
            values.add(json.integer());
        }
        return values;
    }

    /** The tensors cover the data without overlap or gap, which also bounds all of them together by the file's size. */
    private void checkLayout(long dataLength) throws IOException {
        List<Map.Entry<String, TensorInfo>> ordered = new ArrayList<>(tensors.entrySet());
        ordered.sort(Comparator.comparingLong(entry -> entry.getValue().begin()));
        long position = 0;
        for (Map.Entry<String, TensorInfo> entry : ordered) {
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
