// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import aulos.engine.NdArray;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** What must be where in a file's tree of values; messages name the place. */
final class Trees {
    private Trees() {}

    static Map<?, ?> map(String place, Object value) throws IOException {
        if (value instanceof Map<?, ?> map) {
            return map;
        }
        throw wrong(place, value, "a dict");
    }

    static NdArray array(String place, Object value) throws IOException {
        if (value instanceof NdArray array) {
            return array;
        }
        throw wrong(place, value, "a tensor");
    }

    /** An int, or a tensor with one whole number. */
    static long integer(String place, Object value) throws IOException {
        if (value instanceof Long number) {
            return number;
        }
        if (value instanceof NdArray array && array.shape().size() == 1
                && array.get(0) == Math.rint(array.get(0)) && Math.abs(array.get(0)) < 1L << 53) {
            return (long) array.get(0);
        }
        throw wrong(place, value, "an integer");
    }

    /** A state dict: tensors by name. */
    static Map<String, NdArray> arrays(String place, Object value) throws IOException {
        Map<String, NdArray> arrays = new LinkedHashMap<>();
        for (Map.Entry<?, ?> entry : map(place, value).entrySet()) {
            arrays.put(String.valueOf(entry.getKey()), array(place + "." + entry.getKey(), entry.getValue()));
        }
        return arrays;
    }

    private static IOException wrong(String place, Object value, String expected) {
        String given = value == null ? "missing" : "a " + value.getClass().getSimpleName();
        return new IOException(place + " is " + given + ", expected " + expected);
    }
}
