// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import aulos.engine.io.Container;
import aulos.hifigan.audio.Audio;
import aulos.hifigan.audio.AudioFile;
import aulos.hifigan.model.Plausibility;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The files that a command line's inputs stand for. */
final class Inputs {
    /** Of the audio files that can be read. */
    static final List<String> AUDIO = List.of(".wav", ".flac");

    private Inputs() {}

    /**
     * Files as given, folders replaced by the files in them that end in one of {@code extensions} (with their dot, in
     * lower case; case does not matter), sorted by name. Hidden files are left out, folders in folders not entered.
     *
     * @throws IOException if a folder cannot be read or has no such file
     */
    static List<Path> expand(List<Path> given, List<String> extensions) throws IOException {
        List<Path> files = new ArrayList<>();
        for (Path path : given) {
            if (Files.isDirectory(path)) {
                files.addAll(list(path, extensions));
            } else {
                files.add(path);
            }
        }
        return files;
    }

    /** Adds what {@link #expand} finds in a folder, if one was given. */
    static void add(List<Path> files, Path folder, List<String> extensions) throws IOException {
        if (folder != null) {
            if (!Files.isDirectory(folder)) {
                throw new NotDirectoryException(folder.toString());
            }
            files.addAll(list(folder, extensions));
        }
    }

    /** @throws WrongUsage if there is no file */
    static void requireAny(List<Path> files) {
        if (files.isEmpty()) {
            throw new WrongUsage("no input given");
        }
    }

    /** Reads a recording at a sampling rate in Hz; notes if that meant resampling or putting up with a fault, or if it is far too loud. */
    static Audio readAudio(Notes notes, Path file, int rate) throws IOException {
        Audio audio = AudioFile.read(file, rate);
        if (audio.resampled()) {
            String text = "resampled from " + audio.fileRate() + " to " + rate + " Hz";
            notes.add(file, text, text);
        }
        if (audio.note() != null) {
            notes.add(file, audio.note(), audio.note());
        }
        Plausibility.ofAudio(audio.samples()).ifPresent(doubt -> notes.add(file, "loud", doubt));
        return audio;
    }

    /**
     * Whether a file is an array, or one that people take for one: by its name, or else by its content, so that a
     * {@code .npz} or a PyTorch file is called what it is.
     */
    static boolean isArray(Path file) {
        if (hasExtension(file, ".npy")) {
            return true;
        }
        try {
            return Files.isRegularFile(file) && switch (Container.of(file)) {
                case NPY, NPZ, ZIP, LEGACY -> true;
                case SAFETENSORS, UNKNOWN -> false;
            };
        } catch (IOException e) {
            // Whoever reads it will say what is wrong.
            return false;
        }
    }

    /** Whether the file's name ends in {@code extension}, which has its dot and is in lower case. */
    static boolean hasExtension(Path file, String extension) {
        Path name = file.getFileName();
        return name != null && name.toString().toLowerCase(Locale.ROOT).endsWith(extension);
    }

    private static List<Path> list(Path folder, List<String> extensions) throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                if (!entry.getFileName().toString().startsWith(".")
                        && extensions.stream().anyMatch(extension -> hasExtension(entry, extension))
                        && Files.isRegularFile(entry)) {
                    files.add(entry);
                }
            }
        }
        if (files.isEmpty()) {
            throw new IOException(folder + ": has no file that ends in " + String.join(", ", extensions));
        }
        files.sort(null);
        return files;
    }
}
