// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The official list files: on each line {@code id|anything}, of which only the id matters here. */
public final class ClipList {
    /** What Windows programs write before the first line. */
    private static final String BYTE_ORDER_MARK = "\uFEFF";
    private static final long MAX_BYTES = 1 << 28;
    /** Of the name and the text of one clip. */
    private static final int MAX_LINE = 1 << 16;
    private static final List<String> EXTENSIONS = List.of(".wav", ".flac", ".WAV", ".FLAC");

    private ClipList() {}

    /**
     * Reads a list. Whether the files that it names are there and sound shows when they are read; one that is not is a
     * broken clip.
     *
     * @param wavs the folder with {@code id.wav} or {@code id.flac}
     * @param mels the folder with {@code id.npy} for fine-tuning, else null
     * @throws IOException if the list cannot be read or is empty; names it
     */
    static List<Clip> read(Path list, Path wavs, Path mels) throws IOException {
        if (Files.exists(list) && !Files.isRegularFile(list)) {
            throw new IOException(list + ": is not a regular file, expected a list of clips");
        }
        if (Files.exists(list) && Files.size(list) > MAX_BYTES) {
            throw new IOException(list + ": has " + Files.size(list) + " bytes, expected a list of clips of at most "
                    + MAX_BYTES);
        }
        List<Clip> clips = new ArrayList<>();
        int number = 0;
        try (BufferedReader lines = Files.newBufferedReader(list)) {
            for (String given = line(lines); given != null; given = line(lines)) {
                number++;
                if (given.length() > MAX_LINE) {
                    throw new IOException(list + ": line " + number + " has more than " + MAX_LINE
                            + " characters, expected a clip");
                }
                boolean marked = clips.isEmpty() && given.startsWith(BYTE_ORDER_MARK);
                String line = marked ? given.substring(BYTE_ORDER_MARK.length()) : given;
                if (!line.isBlank()) {
                    clips.add(clip(line.split("\\|", 2)[0].strip(), wavs, mels));
                }
            }
        } catch (CharacterCodingException e) {
            throw new IOException(list + ": is not UTF-8 text, expected a list of clips", e);
        } catch (NoSuchFileException e) {
            throw new IOException(list + ": no such file", e);
        } catch (InvalidPathException e) {
            throw new IOException(list + ": line " + number + " is no file name", e);
        }
        if (clips.isEmpty()) {
            throw new IOException(list + ": names no clip");
        }
        return clips;
    }

    /** The next line without its end, of one too long only as much as shows that; null after the last. */
    private static String line(BufferedReader lines) throws IOException {
        int next = lines.read();
        if (next < 0) {
            return null;
        }
        StringBuilder line = new StringBuilder();
        for (; next >= 0 && next != '\n' && next != '\r' && line.length() <= MAX_LINE; next = lines.read()) {
            line.append((char) next);
        }
        if (next == '\r') {
            lines.mark(1);
            if (lines.read() != '\n') {
                lines.reset();
            }
        }
        return line.toString();
    }

    /** An id that names a file as it is may end in the extension; a mel's name never has that. */
    private static Clip clip(String id, Path wavs, Path mels) {
        for (String extension : EXTENSIONS) {
            Path file = wavs.resolve(id + extension);
            if (Files.exists(file)) {
                return new Clip(id, file, mels == null ? null : mel(id, mels));
            }
        }
        String bare = withoutExtension(id);
        Path asGiven = wavs.resolve(id);
        boolean meant = Files.isRegularFile(asGiven) || !bare.equals(id);
        return new Clip(id, meant ? asGiven : wavs.resolve(id + EXTENSIONS.getFirst()),
                mels == null ? null : mel(bare, mels));
    }

    private static String withoutExtension(String id) {
        return EXTENSIONS.stream().filter(id::endsWith).findFirst()
                .map(extension -> id.substring(0, id.length() - extension.length())).orElse(id);
    }

    /** The official code looks for the bare name only, wherever the clip is. */
    private static Path mel(String id, Path mels) {
        Path path = Path.of(id + ".npy").normalize();
        Path nested = mels.resolve(path);
        boolean inside = !path.isAbsolute() && !path.startsWith("..");
        return inside && Files.exists(nested) ? nested : mels.resolve(path.getFileName());
    }
}
