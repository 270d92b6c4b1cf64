// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A temporary folder that goes when it is closed, with what is in it. */
record Folder(Path path) implements AutoCloseable {
    static Folder create() throws IOException {
        return new Folder(Files.createTempDirectory("aulos-bench"));
    }

    Path file(String name) {
        return path.resolve(name);
    }

    /** Puts a resource of this package there. */
    Path copy(String resource) throws IOException {
        try (InputStream in = Folder.class.getResourceAsStream(resource)) {
            Files.copy(in, file(resource));
        }
        return file(resource);
    }

    @Override
    public void close() throws IOException {
        List<Path> deepestFirst;
        try (Stream<Path> all = Files.walk(path)) {
            deepestFirst = all.sorted((a, b) -> b.getNameCount() - a.getNameCount()).toList();
        }
        for (Path file : deepestFirst) {
            Files.delete(file);
        }
    }
}
