// SPDX-License-Identifier: Apache-2.0

import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.IntFunction;
import java.util.stream.Collectors;

/**
 * The micro-kernels of matrix products: {@code rows} factors by {@code vectors} vectors, all sums in registers. Each step of
 * the loop loads the vectors, and each factor once. Sums must be locals of one loop: in an array or a field they would be
 * objects. What differs from one matrix product to the next is where things lie, and what becomes of the sums.
 *
 * @param prologue lines before the loop
 * @param start what sum (r, v) begins with
 * @param loop the loop's head
 * @param step lines at the beginning of a step
 * @param vector vector v of a step
 * @param factor factor r of a step, as a vector
 * @param epilogue lines before the sums are put away
 * @param put the line that puts sum (r, v) away, given its name and number
 */
record OuterProduct(String name, String parameters, int rows, int vectors, List<String> prologue, Start start, String loop,
        List<String> step, IntFunction<String> vector, IntFunction<String> factor, List<String> epilogue, Put put) {

    interface Start {
        String of(int row, int vector);
    }

    interface Put {
        /** @param sum the name of sum (row, vector) */
        List<String> lines(String sum, int row, int vector);
    }

    /** A class of them. */
    record Class(String heat, String name, String comment, List<OuterProduct> kernels) {}

    static final List<Class> CLASSES = List.of(
            new Class("hot", "TapsVector", "The micro-kernels of {@code MicroTile}, which states their contract.",
                    List.of(taps(8), taps(4), tapsOfOneRow())),
            new Class("warm", "LaneVector", "The micro-kernels of {@code LaneTile}, which states their contract.",
                    List.of(lanes(2), lanes(1))),
            new Class("warm", "PairVector", "The micro-kernels of {@code LaneTile.addPairs}, which states their contract.",
                    List.of(pairs(2), pairs(1))),
            new Class("warm", "CorrelationVector", "The micro-kernel of {@code CorrelationTile}, which states its contract.",
                    List.of(correlation())),
            new Class("warm", "PanelVector", "The micro-kernel of {@code PanelTile}, which states its contract.", List.of(panel())));

    private static OuterProduct taps(int rows) {
        return new OuterProduct("tile" + rows + "x2", "float[] x, int xOffset, int[] offsets, int count, float[] w, int wOffset, "
                + "float[] start, int startOffset, float[] y, int yOffset, int yStride", rows, 2, List.of(),
                (r, v) -> v > 0 ? null : "broadcast(S, start[startOffset" + plus(r) + "])",
                "for (int i = 0; i < count; i++)",
                List.of("int from = xOffset + offsets[i];", "int p = wOffset + " + rows + " * i;"),
                v -> "fromArray(S, x, from" + plusN(v) + ")", r -> "broadcast(S, w[p" + plus(r) + "])",
                List.of("int q = yOffset;"), (sum, r, v) -> v == 0 && r > 0
                        ? List.of("q += yStride;", sum + ".intoArray(y, q);")
                        : List.of(sum + ".intoArray(y, q" + plusN(v) + ");"));
    }

    private static OuterProduct tapsOfOneRow() {
        return new OuterProduct("tile1x8", "float[] x, int xOffset, int[] offsets, int count, float[] w, int wOffset, "
                + "float start, float[] y, int yOffset", 1, 8, List.of(), (r, v) -> v > 0 ? null : "broadcast(S, start)",
                "for (int i = 0; i < count; i++)", List.of("int from = xOffset + offsets[i];"),
                v -> "fromArray(S, x, from" + plusN(v) + ")", r -> "broadcast(S, w[wOffset + i])", List.of(),
                (sum, r, v) -> List.of(sum + ".intoArray(y, yOffset" + plusN(v) + ");"));
    }

    private static OuterProduct lanes(int vectors) {
        return new OuterProduct("add8x" + vectors, "float[] w, int wAt, int[] wPlaces, float[] x, int xAt, int[] xPlaces, "
                + "int from, int end, float sign, float[] sums, int sumAt", 8, vectors, List.of(), (r, v) -> "zero(S)",
                "for (int n = from; n < end; n++)", List.of("int p = wAt + wPlaces[n];", "int q = xAt + xPlaces[n];"),
                v -> "fromArray(S, x, q" + plusN(v) + ")", r -> "broadcast(S, w[p" + plus(r) + "])",
                List.of("FloatVector s = broadcast(S, sign);"), inPlace(vectors, (sum, at) ->
                        sum + ".fma(s, fromArray(S, sums, " + at + ")).intoArray(sums, " + at + ");"));
    }

    private static OuterProduct pairs(int vectors) {
        return new OuterProduct("add8x" + vectors, "float[] x, int[] offsets, int row, int[] places, int from, int count, "
                + "float[] gradient, int at, float[] sums, int sumAt", 8, vectors,
                lines(8, r -> "int p" + r + " = offsets[row" + plus(r) + "];"), (r, v) -> "zero(S)",
                "for (int i = 0; i < count; i++)", List.of("int place = places[from + i];"),
                v -> "fromArray(S, gradient, at + " + (vectors == 1 ? "" : vectors + " * ") + "N * i" + plusN(v) + ")",
                r -> "broadcast(S, x[p" + r + " + place])", List.of(), inPlace(vectors, (sum, at) ->
                        "fromArray(S, sums, " + at + ").add(" + sum + ").intoArray(sums, " + at + ");"));
    }

    /** Here the factors are vectors too, and each sum one of several of the same product. */
    private static OuterProduct correlation() {
        List<String> prologue = new ArrayList<>(lines(4, r -> "int q" + r + " = gOffsets[" + r + "];"));
        prologue.addAll(lines(4, v -> "int p" + v + " = xOffsets[first" + plus(v) + "];"));
        return new OuterProduct("tile4x4", "float[] gradient, int[] gOffsets, float[] input, int[] xOffsets, int first, "
                + "int from, int columns, float[] sums, int sumOffset", 4, 4, prologue,
                (r, v) -> "fromArray(S, sums, sumOffset" + plusN(4 * r + v) + ")",
                "for (int u = from; u < from + columns; u += N)", List.of(), v -> "fromArray(S, input, p" + v + " + u)",
                r -> "fromArray(S, gradient, q" + r + " + u)", List.of(),
                (sum, r, v) -> List.of(sum + ".intoArray(sums, sumOffset" + plusN(4 * r + v) + ");"));
    }

    /** Rows past {@code rows} repeat the last one, and write the same values to the same place. */
    private static OuterProduct panel() {
        List<String> prologue = new ArrayList<>(lines(6, r -> "int i" + r + " = Math.min(" + r + ", rows - 1);"));
        prologue.addAll(lines(6, r -> "int a" + r + " = ao + i" + r + " * depth;"));
        return new OuterProduct("tile6x2", "float[] a, int ao, int rows, float[] b, int bo, int bRow, int depth, float[] c, "
                + "int co, int pitch", 6, 2, prologue, (r, v) -> "zero(S)", "for (int k = 0; k < depth; k++)",
                List.of("int from = bo + k * bRow;"), v -> "fromArray(S, b, from" + plusN(v) + ")",
                r -> "broadcast(S, a[a" + r + " + k])", List.of(),
                (sum, r, v) -> List.of(sum + ".intoArray(c, co + i" + r + " * pitch" + plusN(v) + ");"));
    }

    private static Put inPlace(int vectors, BinaryOperator<String> line) {
        return (sum, r, v) -> List.of(line.apply(sum, "sumAt" + plusN(r * vectors + v)));
    }

    private static List<String> lines(int count, IntFunction<String> line) {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            lines.add(line.apply(i));
        }
        return lines;
    }

    private static String plus(int number) {
        return number == 0 ? "" : " + " + number;
    }

    private static String plusN(int number) {
        return number == 0 ? "" : number == 1 ? " + N" : " + " + number + " * N";
    }

    private static String sum(int row, int vector) {
        return String.valueOf((char) ('a' + row)) + vector + "Sum";
    }

    static String source(Class of) {
        String methods = of.kernels.stream().map(OuterProduct::method).collect(Collectors.joining());
        String imports = List.of("broadcast", "fromArray", "zero").stream().filter(name -> methods.contains(name + "("))
                .map(name -> "import static jdk.incubator.vector.FloatVector." + name + ";\n").collect(Collectors.joining());
        return "// SPDX-License-Identifier: Apache-2.0\npackage " + LoopWriter.PACKAGE + "loop." + of.heat + ";\n\n"
                + "import static " + LoopWriter.PACKAGE + "run.Lanes.S;\n" + imports
                + "\nimport jdk.incubator.vector.FloatVector;\n\n/** " + of.comment + " */\npublic final class " + of.name
                + " {\n    private static final int N = S.length();\n\n    private " + of.name + "() {}\n" + methods + "}\n";
    }

    private String method() {
        List<String> text = new ArrayList<>();
        prologue.forEach(line -> text.add("        " + line));
        // Those that begin like another one of their row come last: they take its value.
        for (boolean copies : new boolean[] {false, true}) {
            for (int v = 0; v < vectors; v++) {
                for (int r = 0; r < rows; r++) {
                    String value = start.of(r, v);
                    if (copies == (value == null)) {
                        text.add("        FloatVector " + sum(r, v) + " = " + (copies ? sum(r, 0) : value) + ";");
                    }
                }
            }
        }
        text.add("        " + loop + " {");
        step.forEach(line -> text.add("            " + line));
        for (int v = 0; v < vectors && rows > 1; v++) {
            text.add("            FloatVector x" + v + " = " + vector.apply(v) + ";");
        }
        for (int r = 0; r < rows; r++) {
            text.add("            " + (r == 0 ? "FloatVector " : "") + "v = " + factor.apply(r) + ";");
            for (int v = 0; v < vectors; v++) {
                String x = rows > 1 ? "x" + v : vector.apply(v);
                text.add("            " + sum(r, v) + " = " + x + ".fma(v, " + sum(r, v) + ");");
            }
        }
        text.add("        }");
        epilogue.forEach(line -> text.add("        " + line));
        for (int r = 0; r < rows; r++) {
            for (int v = 0; v < vectors; v++) {
                put.lines(sum(r, v), r, v).forEach(line -> text.add("        " + line));
            }
        }
        return "\n    public static void " + name + "(" + parameters + ") {\n" + String.join("\n", text) + "\n    }\n";
    }
}
