// SPDX-License-Identifier: Apache-2.0

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Sums down the columns of rows: sums[i] = term of row 0 and column i + that of row 1 + …, in this order, each column by
 * itself. Vectors take four columns' worth at a time, as one sum would wait for each addition, and leave the rest to the
 * plain loop.
 *
 * @param parameters what a term reads
 * @param row from one row to the next
 * @param first the term of row 0 at {@code at}, for floats and vectors
 * @param next {@code sum} with another one, likewise
 */
record Reduction(String name, String comment, String parameters, String row, Form first, Form next) {

    record Form(String plain, String vector) {}

    private static final int UNROLLED = 4;

    static final List<Reduction> ALL = List.of(
            new Reduction("columns", "sums[i] = x[offset + i] + x[offset + stride + i] + …, {@code rows} terms, for i &lt; width.",
                    "float[] x, int offset, int stride", "stride",
                    new Form("x[offset + at]", "fromArray(S, x, offset + at)"),
                    new Form("sum + x[offset + at]", "sum.add(fromArray(S, x, offset + at))")),
            new Reduction("distances", "As {@link #columns} of |a − b|, rows {@link #LANES} apart.",
                    "float[] a, float[] b, int offset", "LANES",
                    new Form("Math.abs(a[offset + at] - b[offset + at])",
                            "fromArray(S, a, offset + at).sub(fromArray(S, b, offset + at)).abs()"),
                    new Form("sum + Math.abs(a[offset + at] - b[offset + at])",
                            "sum.add(fromArray(S, a, offset + at).sub(fromArray(S, b, offset + at)).abs())")),
            new Reduction("dots", "As {@link #columns} of a·b by fused multiply–adds from 0, rows {@link #LANES} apart.",
                    "float[] a, int ao, float[] b, int bo", "LANES",
                    new Form("Math.fma(a[ao + at], b[bo + at], 0)",
                            "fromArray(S, a, ao + at).fma(fromArray(S, b, bo + at), FloatVector.zero(S))"),
                    new Form("Math.fma(a[ao + at], b[bo + at], sum)",
                            "fromArray(S, a, ao + at).fma(fromArray(S, b, bo + at), sum)")));

    static String vectorClass() {
        return head("loop.warm", "import static " + LoopWriter.PACKAGE + "loop.plain.ReductionsScalar.LANES;\n"
                + "import static " + LoopWriter.PACKAGE + "run.Lanes.S;\n"
                + "import static jdk.incubator.vector.FloatVector.fromArray;\n\nimport " + LoopWriter.PACKAGE
                + "loop.plain.ReductionsScalar;\nimport jdk.incubator.vector.FloatVector;\n\n"
                + "/** Sums down columns by vectors, with the same bits as {@link ReductionsScalar}. */\n", "ReductionsVector")
                + "    private static final int N = S.length();\n\n    private ReductionsVector() {}\n"
                + ALL.stream().map(Reduction::vectorMethod).collect(Collectors.joining()) + "}\n";
    }

    static String plainClass() {
        return head("loop.plain", "/** Sums down columns by plain loops. */\n", "ReductionsScalar")
                + "    /** Separate sums along contiguous memory. */\n    public static final int LANES = 64;\n"
                + "    /** Terms per float32 sum. */\n    public static final int DEPTH = 64;\n\n"
                + "    private ReductionsScalar() {}\n"
                + ALL.stream().map(Reduction::plainMethod).collect(Collectors.joining()) + "}\n";
    }

    private static String head(String room, String rest, String name) {
        return "// SPDX-License-Identifier: Apache-2.0\npackage " + LoopWriter.PACKAGE + room + ";\n\n" + rest
                + "public final class " + name + " {\n";
    }

    private String vectorMethod() {
        List<String> text = new ArrayList<>();
        text.add("    public static void " + name + "(" + parameters + ", int rows, int width, float[] sums) {");
        text.add("        int i = 0;");
        text.add("        for (; i + " + UNROLLED + " * N <= width; i += " + UNROLLED + " * N) {");
        text.add("            int at = i;");
        each(v -> text.add("            FloatVector s" + v + " = " + term(first.vector, v) + ";"));
        text.add("            for (int row = 1; row < rows; row++) {");
        text.add("                at += " + row + ";");
        each(v -> text.add("                s" + v + " = " + term(next.vector, v) + ";"));
        text.add("            }");
        each(v -> text.add("            s" + v + ".intoArray(sums, i" + plusN(v) + ");"));
        text.add("        }");
        text.add("        ReductionsScalar." + name + "(" + arguments(parameters) + ", rows, i, width, sums);");
        text.add("    }");
        return "\n" + String.join("\n", text) + "\n";
    }

    private static void each(IntConsumer line) {
        IntStream.range(0, UNROLLED).forEach(line);
    }

    private static String term(String form, int vector) {
        return form.replace("at)", "at" + plusN(vector) + ")").replaceAll("\\bsum\\b", "s" + vector);
    }

    private static String plusN(int number) {
        return number == 0 ? "" : number == 1 ? " + N" : " + " + number + " * N";
    }

    private static String arguments(String parameters) {
        return List.of(parameters.split(", ")).stream().map(parameter -> parameter.substring(parameter.indexOf(' ') + 1))
                .collect(Collectors.joining(", "));
    }

    private String plainMethod() {
        return """

                    /** For i from {@code from} to to − 1. */
                    public static void %s(%s, int rows, int from, int to, float[] sums) {
                        for (int at = from; at < to; at++) {
                            sums[at] = %s;
                        }
                        for (int row = 1; row < rows; row++) {
                            int start = row * %s;
                            for (int i = from; i < to; i++) {
                                int at = start + i;
                                float sum = sums[i];
                                sums[i] = %s;
                            }
                        }
                    }
                """.formatted(name, parameters, first.plain, row, next.plain);
    }

    /** Of both, the one that this JVM runs. */
    static String facade() {
        StringBuilder text = new StringBuilder(head("loop", "import " + LoopWriter.PACKAGE
                + "loop.plain.ReductionsScalar;\nimport " + LoopWriter.PACKAGE + "loop.warm.ReductionsVector;\nimport "
                + LoopWriter.PACKAGE + "run.Simd;\n\n/** Sums down columns, each column by itself, row after row. */\n",
                "Reductions"));
        text.append("    /** Separate sums along contiguous memory. */\n")
                .append("    public static final int LANES = ReductionsScalar.LANES;\n    /** Terms per float32 sum. */\n")
                .append("    public static final int DEPTH = ReductionsScalar.DEPTH;\n\n    private Reductions() {}\n");
        for (Reduction of : ALL) {
            String arguments = arguments(of.parameters);
            text.append("\n    /** ").append(of.comment).append(" */\n    public static void ").append(of.name).append('(')
                    .append(of.parameters).append(", int rows, int width, float[] sums) {\n        if (Simd.ENABLED) {\n")
                    .append("            ReductionsVector.").append(of.name).append('(').append(arguments)
                    .append(", rows, width, sums);\n        } else {\n            ReductionsScalar.").append(of.name)
                    .append('(').append(arguments).append(", rows, 0, width, sums);\n        }\n    }\n");
        }
        return text.append("}\n").toString();
    }
}
