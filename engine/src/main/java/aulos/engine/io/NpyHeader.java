// SPDX-License-Identifier: Apache-2.0
package aulos.engine.io;

import java.io.IOException;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The header of a {@code .npy} file, as in {@code {'descr': '<f4', 'fortran_order': False, 'shape': (80, 31), }}:
 * exactly these three keys, in any order.
 */
record NpyHeader(Dtype dtype, ByteOrder order, boolean fortranOrder, List<Long> shape) {
    /** All repetitions are possessive or short: a hostile header costs no more time than its length. */
    private static final Pattern ENTRY = Pattern.compile(
            "\\s*+(['\"])(?<key>descr|fortran_order|shape)\\1\\s*+:\\s*+(?<value>'[^']{0,40}'|\"[^\"]{0,40}\""
                    + "|True|False|\\(\\s*+(?:\\d{1,10}L?\\s*+(?:,\\s*+\\d{1,10}L?\\s*+){0,31},?\\s*+)?\\))\\s*+"
                    + "(?<end>,\\s*+}?|})");
    private static final Pattern NUMBER = Pattern.compile("\\d+");

    static NpyHeader parse(String text) throws IOException {
        Map<String, String> entries = entries(text);
        String descr = unquote(entries.get("descr"));
        ByteOrder order = descr.startsWith(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        Dtype dtype = switch (descr) {
            case "<f2", ">f2" -> Dtype.F16;
            case "<f4", ">f4" -> Dtype.F32;
            case "<f8", ">f8" -> Dtype.F64;
            default -> throw new IOException(
                    "the array is of type " + InputFile.quote(descr) + ", expected '<f2', '<f4' or '<f8'");
        };
        boolean fortranOrder = switch (entries.get("fortran_order")) {
            case "True" -> true;
            case "False" -> false;
            default -> throw malformed(text);
        };
        String shape = entries.get("shape");
        boolean tuple = shape.startsWith("(");
        List<Long> dims = new ArrayList<>();
        Matcher number = NUMBER.matcher(shape);
        while (number.find()) {
            dims.add(Long.valueOf(number.group()));
        }
        if (!tuple || (dims.size() == 1 && !shape.contains(","))) {
            throw malformed(text);
        }
        return new NpyHeader(dtype, order, fortranOrder, dims);
    }

    private static Map<String, String> entries(String text) throws IOException {
        Map<String, String> entries = new LinkedHashMap<>();
        Matcher entry = ENTRY.matcher(text);
        int position = text.indexOf('{') + 1;
        if (position != 1) {
            throw malformed(text);
        }
        boolean open = true;
        while (open) {
            entry.region(position, text.length());
            if (!entry.lookingAt() || entries.put(entry.group("key"), entry.group("value")) != null) {
                throw malformed(text);
            }
            position = entry.end();
            open = !entry.group("end").endsWith("}");
        }
        if (entries.size() != 3 || !text.substring(position).isBlank()) {
            throw malformed(text);
        }
        return entries;
    }

    private static String unquote(String literal) {
        boolean quoted = literal.startsWith("'") || literal.startsWith("\"");
        return quoted ? literal.substring(1, literal.length() - 1) : literal;
    }

    private static IOException malformed(String text) {
        return new IOException("the header " + InputFile.quote(text)
                + " is not {'descr': '<f4', 'fortran_order': False, 'shape': (…), }");
    }
}
