// SPDX-License-Identifier: Apache-2.0
package aulos.engine.study;

import java.util.Optional;

/** Which line of a program outside the engine is running. */
final class SourceLine {
    private SourceLine() {}

    /** As in {@code Generator.forward(Generator.java:85)}: the innermost frame that is neither the engine's nor the JDK's. */
    static String current() {
        Optional<StackWalker.StackFrame> frame = StackWalker.getInstance()
                .walk(frames -> frames.filter(SourceLine::isOutside).findFirst());
        return frame.map(found -> found.toStackTraceElement().toString()).orElse("an unknown line");
    }

    private static boolean isOutside(StackWalker.StackFrame frame) {
        String name = frame.getClassName();
        return !name.startsWith("aulos.engine.") && !name.startsWith("java.") && !name.startsWith("jdk.");
    }
}
