// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which generated file belongs to which reference: the one of the same name, extension and the suffix that {@code vocode}
 * gives its results aside.
 *
 * @param references by generated file, in order of name
 * @param withoutReference generated files that nothing is known about
 * @param withoutGenerated references that nothing was generated from
 */
record Pairs(Map<Path, Path> references, List<Path> withoutReference, List<Path> withoutGenerated) {
    /** The longer one first: it ends like the shorter. */
    private static final List<String> SUFFIXES = List.of("_generated_e2e", "_generated");

    /** @throws IOException if two files of one side have the same name */
    static Pairs of(List<Path> references, List<Path> generated) throws IOException {
        Map<String, Path> unused = new LinkedHashMap<>();
        for (Path file : references) {
            requireUnique(unused.put(Outputs.stem(file), file), file);
        }
        Map<String, Path> results = new LinkedHashMap<>();
        for (Path file : generated) {
            requireUnique(results.put(withoutSuffix(Outputs.stem(file)), file), file);
        }
        Map<Path, Path> pairs = new LinkedHashMap<>();
        List<Path> alone = new ArrayList<>();
        results.forEach((name, file) -> {
            Path reference = unused.remove(name);
            if (reference == null) {
                alone.add(file);
            } else {
                pairs.put(file, reference);
            }
        });
        return new Pairs(pairs, alone, List.copyOf(unused.values()));
    }

    private static void requireUnique(Path other, Path file) throws IOException {
        if (other != null) {
            throw new IOException(file + ": stands for the same utterance as " + other + ", expected one file for each");
        }
    }

    private static String withoutSuffix(String name) {
        for (String suffix : SUFFIXES) {
            if (name.endsWith(suffix)) {
                return name.substring(0, name.length() - suffix.length());
            }
        }
        return name;
    }
}
