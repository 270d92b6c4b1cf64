// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import picocli.CommandLine.ParameterException;

/** What a user reads of an exception. */
final class Errors {
    private Errors() {}

    /** One line, without a stack trace, that says what went wrong. */
    static String message(Throwable error) {
        return switch (error) {
            case UncheckedIOException e -> message(e.getCause());
            case FileSystemException e when e.getReason() == null -> e.getFile() + ": " + reason(e);
            case OutOfMemoryError _ -> "out of memory: the JVM may use " + (Runtime.getRuntime().maxMemory() >> 20)
                    + " MiB (set AULOS_OPTS=-Xmx8g to give it 8 GiB)";
            // The JVM may throw one error twice, and closing what was open then fails to add it to itself.
            case IllegalArgumentException e when e.getCause() instanceof OutOfMemoryError memory -> message(memory);
            case IOException e -> text(e);
            case IllegalArgumentException e -> text(e);
            case IllegalStateException e -> text(e);
            case WrongUsage e -> text(e);
            case ParameterException e -> text(e).replaceFirst("^Error: ", "");
            default -> "internal error: " + oneLine(error.toString()) + " (--stacktrace shows where)";
        };
    }

    /** Some exceptions of java.nio have only the file's name as their message. */
    private static String reason(FileSystemException error) {
        return switch (error) {
            case NoSuchFileException _ -> "no such file or folder";
            case AccessDeniedException _ -> "permission denied";
            case FileAlreadyExistsException _ -> "exists already";
            case NotDirectoryException _ -> "is not a folder";
            default -> error.getClass().getSimpleName();
        };
    }

    private static String text(Exception error) {
        return error.getMessage() == null ? error.getClass().getSimpleName() : oneLine(error.getMessage());
    }

    private static String oneLine(String text) {
        return text.strip().replaceAll("\\s*[\\p{Cc}\\u2028\\u2029]+\\s*", " ");
    }
}
