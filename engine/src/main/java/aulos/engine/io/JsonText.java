// SPDX-License-Identifier: Apache-2.0
package aulos.engine.io;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * The JSON (RFC 8259) of a safetensors header, read piece by piece: whoever reads says what must come next. Objects, arrays,
 * strings and whole numbers are all that such a header has. No method calls itself, so no nesting is too deep.
 */
final class JsonText {
    private static final int LONGEST_INTEGER = 20;

    private final String text;
    private int at;

    JsonText(String text) {
        this.text = text;
    }

    /** Reads one of the marks <code>{ } [ ] :</code>. */
    void expect(char mark) throws IOException {
        if (peek() != mark) {
            throw wrong("'" + mark + "'");
        }
        at++;
    }

    /**
     * Reads what stands before an item of an object or array.
     *
     * @param first whether no item has been read yet
     * @return whether there is one; if not, {@code end} has been read
     */
    boolean hasNext(boolean first, char end) throws IOException {
        char next = peek();
        if (next == end) {
            at++;
            return false;
        }
        if (!first) {
            if (next != ',') {
                throw wrong("',' or '" + end + "'");
            }
            at++;
        }
        return true;
    }

    /** Reads a whole number. */
    long integer() throws IOException {
        char first = peek();
        int start = at;
        int digits = first == '-' ? start + 1 : start;
        int end = digits;
        while (end < text.length() && isDigit(text.charAt(end))) {
            end++;
        }
        boolean leadingZero = end - digits > 1 && text.charAt(digits) == '0';
        boolean goesOn = end < text.length() && ".eE".indexOf(text.charAt(end)) >= 0;
        if (end == digits || leadingZero || goesOn || end - start > LONGEST_INTEGER) {
            throw wrong("a whole number");
        }
        try {
            long value = Long.parseLong(text, start, end, 10);
            at = end;
            return value;
        } catch (NumberFormatException e) {
            throw wrong("a whole number of 64 bits");
        }
    }

    /** Reads a string. */
    String string() throws IOException {
        if (peek() != '"') {
            throw wrong("a string");
        }
        at++;
        StringBuilder value = new StringBuilder();
        while (true) {
            if (at == text.length()) {
                throw wrong("the end of a string");
            }
            char c = text.charAt(at);
            if (c < ' ') {
                throw wrong("a string without control characters");
            }
            at++;
            if (c == '"') {
                break;
            }
            value.append(c == '\\' ? escaped() : c);
        }
        String string = value.toString();
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(string)) {
            throw wrong("both halves of each surrogate pair in the string before");
        }
        return string;
    }

    private char escaped() throws IOException {
        char c = at < text.length() ? text.charAt(at) : 0;
        int end = at + 1;
        char value = switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                end += 4;
                yield hex(at + 1);
            }
            default -> throw wrong("one of \"\\/bfnrtu");
        };
        at = end;
        return value;
    }

    private char hex(int start) throws IOException {
        int value = 0;
        for (int i = start; i < start + 4; i++) {
            int digit = i < text.length() && text.charAt(i) < 128 ? Character.digit(text.charAt(i), 16) : -1;
            if (digit < 0) {
                throw wrong("u and four hexadecimal digits");
            }
            value = value << 4 | digit;
        }
        return (char) value;
    }

    /** Makes sure that nothing but blanks follows. */
    void end() throws IOException {
        if (skipBlanks() < text.length()) {
            throw wrong("nothing more");
        }
    }

    private char peek() throws IOException {
        if (skipBlanks() == text.length()) {
            throw wrong("more");
        }
        return text.charAt(at);
    }

    private int skipBlanks() {
        while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        return at;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private IOException wrong(String expected) {
        String found = at == text.length() ? "it ends" : "it has " + InputFile.quote(text.substring(at, at + 1));
        return new IOException("the header is not the JSON of a safetensors file: " + found + " at character " + at
                + ", expected " + expected);
    }
}
