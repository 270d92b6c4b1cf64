// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** Where results go: the options of a command that writes one file per input. */
final class Outputs {
    @ArgGroup
    private Target target = new Target();

    private static final class Target {
        @Option(
                names = "--out",
                paramLabel = "PATH",
                description = "The file to write if it ends like one, else the folder to write to, made if need be. "
                        + "Default: the current folder.")
        private String out;

        @Option(names = "--output_dir", paramLabel = "DIR", description = "The folder to write to, made if need be.")
        private Path folder;
    }

    /**
     * One output for each input, in the same order; makes the folder if there is to be one.
     *
     * @param extension of the outputs, with its dot: what {@code --out} has to end in to name a file
     * @param naming gives the output's file name within a folder
     * @throws IOException if the folder cannot be made
     * @throws WrongUsage if two inputs would be written to the same file, or one over itself
     */
    Map<Path, Path> plan(List<Path> inputs, String extension, Function<Path, String> naming) throws IOException {
        Map<Path, Path> outputs = new LinkedHashMap<>();
        Map<Path, Path> sources = new HashMap<>();
        Path folder = folder(inputs.size(), extension);
        if (folder != null) {
            Files.createDirectories(folder);
        }
        for (Path input : inputs) {
            Path output = folder == null ? Path.of(target.out) : folder.resolve(naming.apply(input));
            Path other = sources.put(output.toAbsolutePath().normalize(), input);
            if (other != null) {
                throw new WrongUsage(other.equals(input) ? input + " is given twice"
                        : other + " and " + input + " would both be written to " + output);
            }
            if (Files.exists(output) && Files.exists(input) && Files.isSameFile(output, input)) {
                throw new WrongUsage(input + " would be overwritten by its own result");
            }
            outputs.put(input, output);
        }
        return outputs;
    }

    /** The folder to write to, or null if {@code --out} names a file. */
    private Path folder(int inputs, String extension) {
        if (target.folder != null) {
            return target.folder;
        }
        if (target.out == null) {
            return Path.of("");
        }
        Path out = Path.of(target.out);
        if (target.out.endsWith("/") || Files.isDirectory(out) || !Inputs.hasExtension(out, extension)) {
            return out;
        }
        if (inputs > 1) {
            throw new WrongUsage("--out " + out + " names one file, but there are " + inputs + " inputs");
        }
        return null;
    }

    /** A file's name up to its last dot. */
    static String stem(Path file) {
        String name = file.getFileName().toString();
        int dot = name.lastIndexOf('.');
        return dot <= 0 ? name : name.substring(0, dot);
    }
}
