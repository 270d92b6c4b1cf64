// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.ExitCode;

/** The same work on many files: one that fails does not keep the others from being done. */
final class Batch {
    /** Work on one file. */
    @FunctionalInterface
    interface Work {
        void on(Path file, Progress progress, Notes notes) throws IOException;
    }

    private Batch() {}

    /**
     * Does {@code work} on each file under a progress bar, and then says what was noted and what went wrong.
     *
     * @param task what is done, in one word
     * @return the exit code: 1 if any file failed
     */
    static int run(Aulos aulos, String task, Collection<Path> files, Work work) {
        Map<Path, Throwable> failures = new LinkedHashMap<>();
        try (Progress progress = Progress.start(task, files.size())) {
            Notes notes = new Notes(aulos, progress, files.size() == 1);
            for (Path file : files) {
                progress.next(file.getFileName().toString());
                try {
                    work.on(file, progress, notes);
                } catch (IOException | RuntimeException | OutOfMemoryError e) {
                    failures.put(file, e);
                }
            }
            progress.aside(notes::say);
        }
        failures.forEach((file, error) -> aulos.report(message(file, error), error));
        if (files.size() > 1 && !failures.isEmpty()) {
            aulos.say(failures.size() + " of " + files.size() + " files failed");
        }
        return failures.isEmpty() ? ExitCode.OK : ExitCode.SOFTWARE;
    }

    private static String message(Path file, Throwable error) {
        String message = Errors.message(error);
        return message.startsWith(file + ": ") ? message : file + ": " + message;
    }
}
