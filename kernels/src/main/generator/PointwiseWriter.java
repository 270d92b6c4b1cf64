// SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Loops from a table of pointwise functions, one of vectors and one of floats for each: y[yo + i] = f(xs[xo + i], zs[zo + i]). */
final class PointwiseWriter {
    private static final String LICENCE = "// SPDX-License-Identifier: Apache-2.0\n";
    private static final String PARAMETERS =
            "float a, float b, float[] xs, int xo, float[] zs, int zo, float[] y,\n            int yo, int n";
    private static final String ARGUMENTS = "(a, b, xs, xo, zs, zo, y, yo, n)";

    /**
     * @param vector null: there is none
     * @param apart whether it is no function of the engine, but called by its name
     */
    private record Function(String name, String plain, String vector, boolean apart) {
        String method() {
            StringBuilder camel = new StringBuilder();
            for (String word : name.split("_")) {
                camel.append(camel.isEmpty() ? word : Character.toUpperCase(word.charAt(0)) + word.substring(1));
            }
            return camel.toString();
        }

        /** Whether it reads z. */
        boolean isBinary() {
            return plain.matches(".*\\bz\\b.*");
        }
    }

    private final List<Function> functions = new ArrayList<>();

    PointwiseWriter(Path table) throws IOException {
        for (String line : Files.readAllLines(table)) {
            if (!line.startsWith("#")) {
                boolean apart = line.startsWith("+");
                int equals = line.indexOf(" = ");
                if (equals < 0) {
                    throw new IllegalArgumentException(table + ": '" + line + "', expected NAME = FLOATS | VECTORS");
                }
                String[] sides = line.substring(equals + 3).split(" \\| ");
                functions.add(new Function(line.substring(apart ? 1 : 0, equals).strip(), sides[0].strip(),
                        sides.length == 1 ? null : sides[1].strip(), apart));
            }
        }
    }

    String plainClass(String packageName) {
        StringBuilder text = new StringBuilder(LICENCE).append("package ").append(packageName).append("loop.plain;\n\n")
                .append("import aulos.engine.PointwiseFunction;\n\n")
                .append("/** The plain loops of pointwise functions: y[yo + i] = f(xs[xo + i], zs[zo + i]) for i &lt; n. */\n")
                .append("public final class PointwiseScalar {\n    private PointwiseScalar() {}\n");
        choice(text, true);
        for (Function function : functions) {
            head(text, "public", function);
            text.append("        for (int i = 0; i < n; i++) {\n            float x = xs[xo + i];\n")
                    .append(function.isBinary() ? "            float z = zs[zo + i];\n" : "")
                    .append("            y[yo + i] = ").append(function.plain).append(";\n        }\n    }\n");
        }
        return text.append("}\n").toString();
    }

    String vectorClass(String packageName) {
        StringBuilder text = new StringBuilder(LICENCE).append("package ").append(packageName).append("loop.warm;\n\n")
                .append("import static ").append(packageName).append("run.Lanes.S;\n");
        for (String comparison : List.of("EQ", "GE", "GT", "LT")) {
            text.append("import static jdk.incubator.vector.VectorOperators.").append(comparison).append(";\n");
        }
        text.append("\nimport aulos.engine.PointwiseFunction;\nimport ").append(packageName)
                .append("loop.plain.PointwiseScalar;\nimport jdk.incubator.vector.FloatVector;\n\n")
                .append("/** The vector loops of pointwise functions; {@link PointwiseScalar} does what does not fill a vector. */\n")
                .append("public final class PointwiseVector {\n    private PointwiseVector() {}\n");
        choice(text, false);
        for (Function function : functions) {
            if (function.vector != null) {
                head(text, function.apart ? "public" : "private", function);
                text.append("        int i = 0;\n        for (int bound = S.loopBound(n); i < bound; i += S.length()) {\n")
                        .append("            FloatVector x = FloatVector.fromArray(S, xs, xo + i);\n")
                        .append(function.isBinary() ? "            FloatVector z = FloatVector.fromArray(S, zs, zo + i);\n" : "")
                        .append("            ").append(function.vector).append(".intoArray(y, yo + i);\n        }\n")
                        .append("        PointwiseScalar.").append(function.method())
                        .append("(a, b, xs, xo + i, zs, zo + i, y, yo + i, n - i);\n    }\n");
            }
        }
        return text.append("}\n").toString();
    }

    /** Of both, the one that this JVM runs. */
    String facade(String packageName) {
        StringBuilder text = new StringBuilder(LICENCE).append("package ").append(packageName).append("loop;\n\n")
                .append("import aulos.engine.PointwiseFunction;\nimport ").append(packageName)
                .append("loop.plain.PointwiseScalar;\nimport ").append(packageName).append("loop.warm.PointwiseVector;\nimport ")
                .append(packageName).append("run.Simd;\n\n")
                .append("/** Pointwise functions: y[yo + i] = f(xs[xo + i], zs[zo + i]) for i &lt; n. */\n")
                .append("public final class PointwiseLoops {\n    private PointwiseLoops() {}\n");
        choose(text, "run", "PointwiseFunction function, ", "(function, " + ARGUMENTS.substring(1));
        functions.stream().filter(Function::apart).forEach(function -> choose(text, function.method(), "", ARGUMENTS));
        return text.append("}\n").toString();
    }

    private static void choose(StringBuilder text, String name, String first, String arguments) {
        text.append("\n    public static void ").append(name).append('(').append(first).append(PARAMETERS)
                .append(") {\n        if (Simd.ENABLED) {\n            PointwiseVector.").append(name).append(arguments)
                .append(";\n        } else {\n            PointwiseScalar.").append(name).append(arguments)
                .append(";\n        }\n    }\n");
    }

    /** The switch over all functions; a function of the engine that the table lacks does not compile. */
    private void choice(StringBuilder text, boolean plain) {
        text.append("\n    public static void run(PointwiseFunction function, ").append(PARAMETERS)
                .append(") {\n        switch (function) {\n");
        for (Function function : functions.stream().filter(function -> !function.apart).toList()) {
            text.append("            case ").append(function.name.toUpperCase(Locale.ROOT)).append(" -> ")
                    .append(plain || function.vector != null ? "" : "PointwiseScalar.").append(function.method())
                    .append(ARGUMENTS).append(";\n");
        }
        text.append("        }\n    }\n");
    }

    private static void head(StringBuilder text, String access, Function function) {
        text.append("\n    ").append(access).append(" static void ").append(function.method()).append('(').append(PARAMETERS)
                .append(") {\n");
    }
}
