// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.spark;

import aulos.cluster.spark.store.Store;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;

/** The files that paths and globs stand for, and where their results go. */
final class Inputs {
    static final String MEL = ".npy";
    static final List<String> AUDIO = List.of(".wav", ".flac");

    private Inputs() {}

    /**
     * Files as given; of folders, all files in them and in folders in them that end in one of {@code extensions}. The
     * output of a file lies as deep in the output folder as the file does in the folder or glob that it was found by.
     *
     * @param paths of any Hadoop file system
     * @param settings decide the outputs' names; what is in the output folder is no input, if it is found in a folder
     * @throws IOException if there is nothing, naming the path, or two files would have one output
     */
    static List<Clip> list(Store store, List<String> paths, List<String> extensions, Settings settings)
            throws IOException {
        Settings.Action action = settings.action();
        List<Clip> clips = new ArrayList<>();
        Map<String, String> sources = new HashMap<>();
        for (String given : paths) {
            Path path = store.qualify(given);
            FileStatus[] matches = store.of(path).globStatus(path);
            if (matches == null || matches.length == 0) {
                throw new FileNotFoundException(given + ": no such file or folder");
            }
            int before = clips.size();
            String root = given.matches(".*[*?\\[{].*") ? fixedPart(path) : null;
            for (FileStatus match : matches) {
                if (match.isFile()) {
                    add(clips, sources, match.getPath(), root == null ? match.getPath().getParent().toString() : root,
                            action);
                } else {
                    String folder = root == null ? match.getPath().toString() : root;
                    for (LocatedFileStatus file : store.walk(match.getPath())) {
                        if (hasExtension(file.getPath().getName(), extensions)
                                && !file.getPath().toString().startsWith(settings.out() + "/")) {
                            add(clips, sources, file.getPath(), folder, action);
                        }
                    }
                }
            }
            if (clips.size() == before) {
                throw new FileNotFoundException(given + ": has no file that ends in " + String.join(", ", extensions));
            }
        }
        return clips;
    }

    private static void add(List<Clip> clips, Map<String, String> sources, Path file, String root,
            Settings.Action action) throws IOException {
        String relative = file.toString().substring(root.length()).replaceFirst("^/+", "");
        String name = file.getName();
        String folder = relative.substring(0, relative.length() - name.length());
        String output = folder + stem(name) + switch (action) {
            case VOCODE -> hasExtension(name, List.of(MEL)) ? "_generated_e2e.wav" : "_generated.wav";
            case MEL -> MEL;
            case EVAL -> "";
        };
        String other = sources.put(output, file.toString());
        if (other != null) {
            throw new IOException(other.equals(file.toString()) ? file + " is given twice"
                    : other + " and " + file + " would both be written to " + output);
        }
        clips.add(Clip.unknown(file.toString(), output, null));
    }

    /** The folder of a glob down to its first wildcard. */
    private static String fixedPart(Path glob) {
        Path fixed = glob;
        while (fixed.toString().matches(".*[*?\\[{].*")) {
            fixed = fixed.getParent();
        }
        return fixed.toString();
    }

    static boolean hasExtension(String name, List<String> extensions) {
        return extensions.stream().anyMatch(name.toLowerCase(Locale.ROOT)::endsWith);
    }

    /** A file's name up to its last dot. */
    static String stem(String name) {
        int dot = name.lastIndexOf('.');
        return dot <= 0 ? name : name.substring(0, dot);
    }
}
