// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.spark;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.FileSystemException;
import org.apache.spark.SparkException;

/** What a user reads of an exception: one line. */
final class Failures {
    private Failures() {}

    static String line(Throwable error) {
        Throwable cause = error;
        while (cause.getCause() != null && (cause instanceof UncheckedIOException || cause instanceof SparkException)) {
            cause = cause.getCause();
        }
        String text = switch (cause) {
            case FileSystemException e when e.getReason() == null -> e.getFile() + ": " + e.getClass().getSimpleName();
            case IOException e -> text(e);
            case IllegalArgumentException e -> text(e);
            // Spark, of a context that it stopped, adds where all of it was called.
            case IllegalStateException e -> text(e).lines().findFirst().orElse("");
            case SparkException e -> text(e).lines().findFirst().orElse("");
            default -> cause.toString();
        };
        return text.strip().replaceAll("\\s*[\\p{Cc}\\u2028\\u2029]+\\s*", " ");
    }

    private static String text(Exception e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    /** Whether the task is to stop rather than to note an error. */
    static void rethrowIfStopped(Exception error) {
        if (Thread.currentThread().isInterrupted() || error instanceof ClosedByInterruptException
                || error instanceof InterruptedIOException) {
            throw new IllegalStateException("the task was stopped", error);
        }
    }
}
