// SPDX-License-Identifier: Apache-2.0
package aulos.engine.io;

/** Texts in JSON (RFC 8259). */
public final class Json {
    private Json() {}

    /** A text as a JSON string, in quotes, that can stand in a page's script element too: nothing in it ends that. */
    public static String quote(String text) {
        StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ' || c == '<' || c == '>' || c == '&' || Character.isSurrogate(c)) {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
