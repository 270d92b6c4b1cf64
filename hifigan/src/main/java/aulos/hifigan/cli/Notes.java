// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** What people should know about the files that a command reads: of many files the same is said once, with a count. */
final class Notes {
    private final Aulos aulos;
    private final Progress progress;
    private final boolean atOnce;
    private final Map<String, Note> notes = new LinkedHashMap<>();

    private record Note(Path first, String text, int count) {}

    /** @param atOnce whether to say each note when it comes, because there is but one file */
    Notes(Aulos aulos, Progress progress, boolean atOnce) {
        this.aulos = aulos;
        this.progress = progress;
        this.atOnce = atOnce;
    }

    /**
     * Notes something about a file.
     *
     * @param kind what makes it the same as that of another file
     */
    void add(Path file, String kind, String text) {
        if (atOnce) {
            progress.aside(() -> aulos.say(file + ": " + text));
        } else {
            notes.merge(kind, new Note(file, text, 1), (old, more) -> new Note(old.first, old.text, old.count + 1));
        }
    }

    /** Says what has not been said. */
    void say() {
        notes.values().forEach(note -> aulos.say(note.first + (note.count == 1 ? "" : " and " + (note.count - 1)
                + (note.count == 2 ? " more file" : " more files")) + ": " + note.text));
        notes.clear();
    }
}
