// SPDX-License-Identifier: Apache-2.0

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Java from a {@link Specification}: vector loops, their plain twins, and a class that asks once which of them this JVM runs.
 *
 * <p>The words of a loop say where rows lie: the first for what it reads, the second for what it writes.
 *
 * <ul>
 *   <li>{@code strided}: row r at at + r·step;
 *   <li>{@code offsets}: row r at at + offsets[r];
 *   <li>{@code pairs}: row r is the sum of those at first[r] and, times a sign, second[r];
 *   <li>{@code threes}: row r is the sum of three, {@code next} apart, the second one times a sign;
 *   <li>{@code weighed}: row r is the sum of three, those at next1 and next2 times a weight each;
 *   <li>{@code placed}: each row has an argument of its own;
 *   <li>{@code complex}: real and imaginary parts in turn, number n at re + n·step and im + n·step;
 *   <li>{@code added} (writing): as strided, added to what is there.
 * </ul>
 *
 * {@code rows} repeats it for rows of neighbours, xRow and yRow apart; {@code bias} adds one number to every output; {@code
 * signed} gives it a factor called sign, {@code turns} and {@code twiddles} give it those of Fourier transforms; {@code joined}
 * reads rows of signals that lie apart.
 */
final class LoopWriter {
    static final String PACKAGE = "aulos.kernels.cpu.";
    private static final String LICENCE = "// SPDX-License-Identifier: Apache-2.0\n";

    private final Specification.Loop loop;
    private final boolean vector;
    private final StringBuilder out = new StringBuilder();
    private final Set<String> loaded = new HashSet<>();
    private String indent = "        ";

    private LoopWriter(Specification.Loop loop, boolean vector) {
        this.loop = loop;
        this.vector = vector;
    }

    static String vectorClass(Specification of) {
        return LICENCE + "package " + PACKAGE + "loop." + of.heat + ";\n\n"
                + "import static " + PACKAGE + "run.Lanes.S;\nimport static jdk.incubator.vector.FloatVector.broadcast;\n"
                + "import static jdk.incubator.vector.FloatVector.fromArray;\n\n"
                + "import jdk.incubator.vector.FloatVector;\n\n"
                + "/** The vector loops of {@code " + of.name + "}, whole vectors only. */\n"
                + "public final class " + of.name + "Vector {\n    private static final int N = S.length();\n\n"
                + "    private " + of.name + "Vector() {}\n" + bodies(of, true) + "}\n";
    }

    static String plainClass(Specification of) {
        return LICENCE + "package " + PACKAGE + "loop.plain;\n\n"
                + "/** The plain loops of {@code " + of.name + "}: the arithmetic of the vector loops in the same order. */\n"
                + "public final class " + of.name + "Scalar {\n    private " + of.name + "Scalar() {}\n" + bodies(of, false)
                + "}\n";
    }

    private static String bodies(Specification of, boolean vector) {
        return of.loops.stream().map(loop -> new LoopWriter(loop, vector).method()).collect(Collectors.joining());
    }

    /** Of both, the one that this JVM runs. */
    static String facade(Specification of) {
        StringBuilder text = new StringBuilder(LICENCE).append("package ").append(PACKAGE).append("loop;\n\n")
                .append("import ").append(PACKAGE).append("loop.").append(of.heat).append('.').append(of.name)
                .append("Vector;\nimport ").append(PACKAGE).append("loop.plain.").append(of.name).append("Scalar;\nimport ")
                .append(PACKAGE).append("run.Simd;\n\n").append(comment(of.comment, ""))
                .append("public final class ").append(of.name).append(" {\n");
        of.constants.forEach((name, value) ->
                text.append("    public static final int ").append(name).append(" = ").append(value).append(";\n"));
        text.append(of.constants.isEmpty() ? "" : "\n").append("    private ").append(of.name).append("() {}\n");
        for (Specification.Loop loop : of.loops) {
            List<String> parameters = new LoopWriter(loop, true).parameters();
            String arguments = parameters.stream().map(parameter -> parameter.substring(parameter.indexOf(' ') + 1))
                    .collect(Collectors.joining(", "));
            String call = "." + loop.name() + "(" + arguments + ");\n";
            text.append('\n').append(comment(loop.comment(), "    ")).append("    public static void ")
                    .append(loop.name()).append('(').append(String.join(", ", parameters)).append(") {\n")
                    .append("        if (Simd.ENABLED) {\n            ").append(of.name).append("Vector").append(call)
                    .append("        } else {\n            ").append(of.name).append("Scalar").append(call)
                    .append("        }\n    }\n");
        }
        return text.append("}\n").toString();
    }

    private static String comment(String text, String indent) {
        return text.isEmpty() ? "" : indent + "/**\n" + text.lines().map(line -> indent + " * " + line + "\n")
                .collect(Collectors.joining()) + indent + " */\n";
    }

    private boolean has(String word) {
        return loop.words().contains(word);
    }

    private String reading() {
        return loop.words().getFirst();
    }

    private String writing() {
        return loop.words().get(1);
    }

    /** What is read as rows: all inputs but the bias. */
    private List<String> rows() {
        return loop.program().inputs().stream().filter(input -> !input.equals("one")).toList();
    }

    private List<String> parameters() {
        List<String> parameters = new ArrayList<>(List.of("float[] x"));
        switch (reading()) {
            case "strided" -> parameters.addAll(List.of("int at", "int step"));
            case "offsets" -> parameters.addAll(List.of("int at", "int[] offsets"));
            case "pairs" -> parameters.addAll(List.of("int at", "int[] first", "int[] second", "float sign"));
            case "threes" -> parameters.addAll(List.of("int at", "int step", "int next", "float sign"));
            case "weighed" -> parameters.addAll(
                    List.of("int at", "int step", "int next1", "float weight1", "int next2", "float weight2"));
            case "placed" -> rows().forEach(row -> parameters.add("int " + row + "At"));
            case "complex" -> parameters.addAll(List.of("int re", "int im", "int step"));
            default -> throw new IllegalArgumentException(loop.name() + ": reads " + reading());
        }
        if (has("joined")) {
            parameters.add("int xRow");
        }
        if (has("turns")) {
            parameters.add("float[] turns");
        }
        if (has("twiddles")) {
            parameters.addAll(List.of("float[] twiddles", "int twiddle"));
        }
        if (has("signed")) {
            parameters.add("float sign");
        }
        if (has("bias")) {
            parameters.addAll(List.of("float[] bias", "int biasAt"));
        }
        parameters.add("float[] y");
        switch (writing()) {
            case "strided", "added" -> parameters.addAll(List.of("int yAt", "int yStep"));
            case "offsets" -> parameters.addAll(List.of("int yAt", "int[] yOffsets", "int firstOutput"));
            case "complex" -> parameters.addAll(List.of("int toRe", "int toIm", "int yStep"));
            case "placed" -> loop.program().outputs().forEach(output -> parameters.add("int " + output + "At"));
            default -> throw new IllegalArgumentException(loop.name() + ": writes " + writing());
        }
        if (has("rows")) {
            parameters.addAll(List.of("int rows", "int xRow", "int yRow"));
        }
        parameters.addAll(has("joined") ? List.of("int rows", "int width") : List.of("int count"));
        return parameters;
    }

    private String method() {
        out.append("\n    public static void ").append(loop.name()).append('(').append(String.join(", ", parameters()))
                .append(") {\n");
        hoist(reading().equals("offsets"), rows(), r -> "int p" + r + " = at + offsets[" + r + "];");
        hoist(reading().equals("pairs"), rows(), r -> "int p" + r + " = at + first[" + r + "];");
        hoist(reading().equals("pairs"), rows(), r -> "int q" + r + " = at + second[" + r + "];");
        hoist(writing().equals("offsets"), loop.program().outputs(),
                r -> "int to" + r + " = yAt + yOffsets[firstOutput" + (r == 0 ? "" : " + " + r) + "];");
        // Read here, as a store in the loop might change them for all the compiler knows.
        for (int n = 2; n < 8 && has("turns"); n++) {
            put("float turn" + n + " = turns[" + n + "];");
        }
        for (int n = 0; n < 8 && has("twiddles"); n++) {
            put("float twiddle" + n + " = twiddles[twiddle" + (n == 0 ? "" : " + " + n) + "];");
        }
        String step = vector ? "i += N" : "i++";
        String neighbours = has("joined") && vector
                ? "for (int i = 0, column = 0, start = 0; i < rows * width; i += N) {"
                : "for (int i = 0; i < " + (has("joined") ? "rows * width" : "count") + "; " + step + ") {";
        String rows = "for (int row = 0; row < rows; row++) {";
        // Vectors go down the rows one after the other; plain loops along them, for the compiler's own vectors.
        open(has("rows") && !vector ? rows : neighbours);
        if (has("rows")) {
            open(vector ? rows : neighbours);
        }
        body();
        close();
        if (has("rows")) {
            close();
        }
        return out.append("    }\n").toString();
    }

    private void hoist(boolean needed, List<String> rows, Function<Integer, String> line) {
        for (int r = 0; r < rows.size() && needed; r++) {
            put(line.apply(r));
        }
    }

    private void open(String line) {
        put(line);
        indent += "    ";
    }

    private void close() {
        indent = indent.substring(4);
        put("}");
    }

    private void put(String line) {
        out.append(indent).append(line).append('\n');
    }

    private void body() {
        String row = has("rows") ? " + row * xRow" : "";
        if (List.of("strided", "threes", "weighed").contains(reading())) {
            put("int from = at + i" + row + ";");
        }
        if (has("joined") && vector) {
            put("int p = re + start + column;");
            put("int q = im + start + column;");
            put("column += N;");
            open("if (column == width) {");
            put("column = 0;");
            put("start += xRow;");
            close();
        } else if (reading().equals("complex")) {
            put("int p = re + " + (has("joined") ? "i / width * xRow + i % width;" : "i;"));
            put("int q = im + " + (has("joined") ? "i / width * xRow + i % width;" : "i;"));
        }
        if (writing().equals("complex")) {
            put("int toU = toRe + i;");
            put("int toW = toIm + i;");
        }
        if (has("rows")) {
            put("int to = row * yRow + i;");
        } else if (List.of("strided", "added").contains(writing())) {
            put("int to = yAt + i;");
        }
        if (vector && List.of("pairs", "threes").contains(reading())) {
            put("FloatVector s = broadcast(S, sign);");
        } else if (vector && reading().equals("weighed")) {
            put("FloatVector a = broadcast(S, weight1);");
            put("FloatVector b = broadcast(S, weight2);");
        }
        List<Program.Line> lines = loop.program().lines();
        for (int n = 0; n < lines.size(); n++) {
            Program.Line line = lines.get(n);
            line.value().forEachVariable(this::load);
            String value = vector ? line.value().vector() : line.value().plain();
            int output = loop.program().outputs().indexOf(line.name());
            boolean again = lines.subList(n + 1, lines.size()).stream().anyMatch(later -> uses(later, line.name()));
            if (output < 0 || again) {
                put((vector ? "FloatVector " : "float ") + line.name() + " = " + value + ";");
                value = line.name();
            }
            if (output >= 0) {
                store(value, output);
            }
        }
    }

    private static boolean uses(Program.Line line, String variable) {
        Set<String> used = new HashSet<>();
        line.value().forEachVariable(used::add);
        return used.contains(variable);
    }

    /** Reads an input just before its first use. */
    private void load(String variable) {
        if (!loop.program().inputs().contains(variable) || !loaded.add(variable)) {
            return;
        }
        int r = rows().indexOf(variable);
        String value;
        if (r < 0) {
            value = has("rows") ? vector ? "broadcast(S, bias[biasAt + row])" : "bias[biasAt + row]"
                    : vector ? "fromArray(S, bias, biasAt + i)" : "bias[biasAt + i]";
        } else {
            String from = "from" + times(r, "step");
            value = switch (reading()) {
                case "strided" -> element(from);
                case "offsets" -> element("p" + r + " + i");
                case "complex" -> element((variable.startsWith("r") ? "p" : "q") + times(r / 2, "step"));
                case "pairs" -> fused(element("q" + r + " + i"), vector ? "s" : "sign", element("p" + r + " + i"));
                case "threes" -> sum(fused(element(from + " + next"), vector ? "s" : "sign", element(from)),
                        element(from + " + 2 * next"));
                case "weighed" -> fused(element(from + " + next2"), vector ? "b" : "weight2",
                        fused(element(from + " + next1"), vector ? "a" : "weight1", element(from)));
                default -> element(variable + "At + i");
            };
        }
        put((vector ? "FloatVector " : "float ") + variable + " = " + value + ";");
    }

    private static String times(int number, String step) {
        return number == 0 ? "" : number == 1 ? " + " + step : " + " + number + " * " + step;
    }

    private String element(String at) {
        return vector ? "fromArray(S, x, " + at + ")" : "x[" + at + "]";
    }

    private String fused(String of, String factor, String plus) {
        return vector ? of + ".fma(" + factor + ", " + plus + ")" : "Math.fma(" + of + ", " + factor + ", " + plus + ")";
    }

    private String sum(String left, String right) {
        return vector ? left + ".add(" + right + ")" : left + " + " + right;
    }

    private void store(String value, int output) {
        String to = switch (writing()) {
            case "offsets" -> "to" + output + " + to";
            case "placed" -> loop.program().outputs().get(output) + "At + i";
            case "complex" -> (output % 2 == 0 ? "toU" : "toW") + times(output / 2, "yStep");
            default -> "to" + times(output, "yStep");
        };
        boolean adds = writing().equals("added");
        if (vector) {
            put((adds ? "fromArray(S, y, " + to + ").add(" + value + ")" : value) + ".intoArray(y, " + to + ");");
        } else {
            put("y[" + to + "] " + (adds ? "+=" : "=") + " " + value + ";");
        }
    }
}
