// SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Writes the loops of the cpu backend that are regular: those of the transforms, from the programs in {@code forms}, those
 * of outer products, of sums down columns, of signals in phases, and of pointwise functions, from a table beside the forms. Maven runs it before it
 * compiles. Arguments: the folder of the forms, and that of the sources to write. docs/bilinear.md explains it.
 */
final class Generator {
    private Generator() {}

    public static void main(String[] args) throws IOException {
        Path sources = Path.of(args[1]);
        List<Path> forms;
        try (Stream<Path> files = Files.list(Path.of(args[0]))) {
            forms = files.sorted().toList();
        }
        for (Path form : forms) {
            Specification specification = new Specification(form);
            write(sources, "loop." + specification.heat, specification.name + "Vector",
                    LoopWriter.vectorClass(specification));
            write(sources, "loop.plain", specification.name + "Scalar", LoopWriter.plainClass(specification));
            write(sources, "loop", specification.name, LoopWriter.facade(specification));
        }
        PointwiseWriter pointwise = new PointwiseWriter(Path.of(args[0]).resolveSibling("pointwise.functions"));
        write(sources, "loop.warm", "PointwiseVector", pointwise.vectorClass(LoopWriter.PACKAGE));
        write(sources, "loop.plain", "PointwiseScalar", pointwise.plainClass(LoopWriter.PACKAGE));
        write(sources, "loop", "PointwiseLoops", pointwise.facade(LoopWriter.PACKAGE));
        write(sources, "loop.warm", "ReductionsVector", Reduction.vectorClass());
        write(sources, "loop.plain", "ReductionsScalar", Reduction.plainClass());
        write(sources, "loop", "Reductions", Reduction.facade());
        write(sources, "loop.hot", "PhasesVector", PhaseNetwork.source());
        for (OuterProduct.Class of : OuterProduct.CLASSES) {
            write(sources, "loop." + of.heat(), of.name(), OuterProduct.source(of));
        }
    }

    /** Leaves a file that has not changed alone, so that nothing is compiled again for it. */
    private static void write(Path sources, String room, String name, String text) throws IOException {
        Path file = sources.resolve((LoopWriter.PACKAGE + room).replace('.', '/')).resolve(name + ".java");
        if (!Files.exists(file) || !Files.readString(file).equals(text)) {
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
        }
    }
}
