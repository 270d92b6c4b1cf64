// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.serve;

import aulos.hifigan.io.Container;
import aulos.hifigan.vocode.Voice;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;

/**
 * The voices that requests may name: the default one and the generators in one folder. A name is only ever compared
 * with those of the files that are there, so none leads out of the folder.
 */
final class Voices {
    /** Of a folder with more files than these, the rest is not looked at. */
    private static final int MOST = 1000;

    private final String defaultName;
    private final Voice defaultVoice;
    private final Path folder;

    /**
     * A voice that can be loaded.
     *
     * @param file null for the default voice
     * @param modified tells a checkpoint from a newer one of the same name
     */
    record Entry(String name, Path file, FileTime modified) {}

    /** @param folder null for none */
    Voices(String defaultName, Voice defaultVoice, Path folder) {
        this.defaultName = defaultName;
        this.defaultVoice = defaultVoice;
        this.folder = folder;
    }

    Entry defaultEntry() {
        return new Entry(defaultName, null, FileTime.fromMillis(0));
    }

    /** The default one first, then those that the folder holds now, by name. */
    List<Entry> list() throws IOException {
        List<Entry> entries = new ArrayList<>();
        if (folder != null) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, Voices::mayBeGenerator)) {
                for (Path file : files) {
                    if (entries.size() < MOST && isCheckpoint(file)) {
                        entries.add(new Entry(file.getFileName().toString(), file, Files.getLastModifiedTime(file)));
                    }
                }
            }
            entries.removeIf(entry -> entry.name.equals(defaultName));
            entries.sort((a, b) -> a.name.compareTo(b.name));
        }
        entries.addFirst(defaultEntry());
        return entries;
    }

    /**
     * The voice of that name, the default one for null.
     *
     * @throws Refusal if there is none
     */
    Entry find(String name) throws IOException, Refusal {
        if (name == null) {
            return defaultEntry();
        }
        return list().stream().filter(entry -> entry.name.equals(name)).findFirst()
                .orElseThrow(() -> new Refusal(Refusal.NOT_FOUND,
                        "there is no such voice, /api/info lists those there are"));
    }

    /** @throws Refusal if the checkpoint is damaged, or does not say what generator it is */
    Voice load(Entry entry) throws Refusal {
        if (entry.file == null) {
            return defaultVoice;
        }
        try {
            return Voice.load(entry.file);
        } catch (IOException e) {
            throw new Refusal(Refusal.UNPROCESSABLE, "the voice " + entry.name + " cannot be loaded: "
                    + String.valueOf(e.getMessage()).replace(folder + "/", ""));
        }
    }

    /** Discriminators and optimisers, which training leaves beside its generators, are a gigabyte of something else. */
    private static boolean mayBeGenerator(Path file) {
        String name = file.getFileName().toString();
        return !name.startsWith(".") && !name.startsWith("do_") && Files.isRegularFile(file);
    }

    private static boolean isCheckpoint(Path file) throws IOException {
        return switch (Container.of(file)) {
            case ZIP, LEGACY, SAFETENSORS -> true;
            case NPY, NPZ, UNKNOWN -> false;
        };
    }
}
