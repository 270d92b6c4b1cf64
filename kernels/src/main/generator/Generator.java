// SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes the loops of the cpu backend that are regular. Maven runs it before it compiles. */
final class Generator {
    private static final String PACKAGE = "aulos.kernels.cpu.";

    private Generator() {}

    public static void main(String[] args) throws IOException {
        Path sources = Path.of(args[1]);
        PointwiseWriter pointwise = new PointwiseWriter(Path.of(args[0]).resolveSibling("pointwise.functions"));
        write(sources, "loop.warm", "PointwiseVector", pointwise.vectorClass(PACKAGE));
        write(sources, "loop.plain", "PointwiseScalar", pointwise.plainClass(PACKAGE));
    }

    private static void write(Path sources, String room, String name, String text) throws IOException {
        Path file = sources.resolve((PACKAGE + room).replace('.', '/')).resolve(name + ".java");
        if (!Files.exists(file) || !Files.readString(file).equals(text)) {
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
        }
    }
}
