// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.io;

import aulos.engine.NdArray;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Pickles a tree as {@code torch.save} does (protocol 2), with the opcodes that the unpickler of {@code
 * weights_only=True} knows. No memo: a container that occurs twice is written twice, which only the file's size could
 * tell.
 */
final class Pickler {
    private static final int MAX_DEPTH = 100;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final IdentityHashMap<Object, Integer> keys = new IdentityHashMap<>();
    private final List<NdArray> storages = new ArrayList<>();

    /** @throws IllegalArgumentException for a value that {@link PyTorchFile}'s table does not list, naming its place */
    byte[] dump(Object tree) {
        bytes(0x80, 2);
        value(tree, "", 1);
        bytes('.');
        return out.toByteArray();
    }

    /** The arrays met while pickling; the key of each is its place in the list. */
    List<NdArray> storages() {
        return storages;
    }

    private void value(Object value, String path, int depth) {
        if (depth > MAX_DEPTH) {
            throw new IllegalArgumentException("'" + path + "' is nested deeper than " + MAX_DEPTH);
        }
        switch (value) {
            case null -> bytes('N');
            case Boolean flag -> bytes(flag ? 0x88 : 0x89);
            case Long number -> integer(number);
            case Double number -> {
                bytes('G');
                out.writeBytes(ByteBuffer.allocate(Double.BYTES).putDouble(number).array());
            }
            case String text -> text(text);
            case NdArray array -> tensor(array);
            case OrderedDict map -> {
                orderedDict();
                items(map, path, depth);
            }
            case Map<?, ?> map -> {
                bytes('}');
                items(map, path, depth);
            }
            case PyTuple tuple -> {
                bytes('(');
                elements(tuple, path, depth);
                bytes('t');
            }
            case List<?> list -> {
                bytes(']', '(');
                elements(list, path, depth);
                bytes('e');
            }
            default -> throw new IllegalArgumentException("'" + path + "' is a " + value.getClass().getName()
                    + ", expected a Map, List, NdArray, Long, Double, Boolean, String or null");
        }
    }

    private void items(Map<?, ?> map, String path, int depth) {
        bytes('(');
        map.forEach((key, value) -> {
            String place = path.isEmpty() ? String.valueOf(key) : path + "." + key;
            switch (key) {
                case String text -> text(text);
                case Long number -> integer(number);
                case null, default -> throw new IllegalArgumentException("the key of '" + place
                        + "' is neither a String nor a Long");
            }
            value(value, place, depth + 1);
        });
        bytes('u');
    }

    private void elements(List<?> list, String path, int depth) {
        for (int i = 0; i < list.size(); i++) {
            value(list.get(i), path + "." + i, depth + 1);
        }
    }

    /** _rebuild_tensor_v2(storage, 0, size, stride, requires_grad = False, backward_hooks = OrderedDict()). */
    private void tensor(NdArray array) {
        Object values = array.isDouble() ? array.doubles() : array.floats();
        Integer key = keys.get(values);
        if (key == null) {
            key = storages.size();
            keys.put(values, key);
            storages.add(array);
        }
        global(PickleClass.TENSOR_V2);
        bytes('(', '(');
        text("storage");
        global(array.isDouble() ? PickleClass.DOUBLE_STORAGE : PickleClass.FLOAT_STORAGE);
        text(key.toString());
        text("cpu");
        integer(array.shape().size());
        bytes('t', 'Q');
        integer(0);
        integers(array.shape().dims());
        integers(array.shape().strides());
        bytes(0x89);
        orderedDict();
        bytes('t', 'R');
    }

    private void orderedDict() {
        global(PickleClass.ORDERED_DICT);
        bytes(')', 'R');
    }

    private void global(PickleClass type) {
        String name = type.pythonName();
        int dot = name.lastIndexOf('.');
        bytes('c');
        out.writeBytes((name.substring(0, dot) + "\n" + name.substring(dot + 1) + "\n")
                .getBytes(StandardCharsets.US_ASCII));
    }

    private void text(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        bytes('X');
        out.writeBytes(littleEndian(Integer.BYTES).putInt(utf8.length).array());
        out.writeBytes(utf8);
    }

    private void integers(int[] values) {
        bytes('(');
        for (int value : values) {
            integer(value);
        }
        bytes('t');
    }

    private void integer(long value) {
        if (value == (int) value) {
            bytes('J');
            out.writeBytes(littleEndian(Integer.BYTES).putInt((int) value).array());
        } else {
            bytes(0x8a, Long.BYTES);
            out.writeBytes(littleEndian(Long.BYTES).putLong(value).array());
        }
    }

    private void bytes(int... values) {
        for (int value : values) {
            out.write(value);
        }
    }

    private static ByteBuffer littleEndian(int length) {
        return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    }
}
