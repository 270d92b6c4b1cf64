// SPDX-License-Identifier: Apache-2.0

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A file of {@code forms}: a class of loops, the programs of its linear maps, and the loops that run them.
 *
 * <pre>
 * class NAME hot|warm        the package of the vector loops; comment lines before it describe the class
 * constant NAME NUMBER
 * points NUMBER …            the finite points of a form, in the order of its products; infinity comes last
 * program NAME INPUT … -> OUTPUT …
 *   NAME = EXPRESSION        a·4 is a*4; b + a*4 and a*4 + b are rounded once
 *   NAME … = PROGRAM(NAME …)  the lines of another program
 * form OUTPUTS TAPS B G A    three programs; A is transposed. Fails unless A[(G·w) ⊙ (B·x)] is the filter
 * loop NAME PROGRAM WORD …   comment lines before it describe the loop
 * </pre>
 */
final class Specification {
    /** @param words what {@link LoopWriter} makes of it */
    record Loop(String name, String comment, Program program, List<String> words) {}

    final String name;
    final String heat;
    final String comment;
    final Map<String, String> constants = new LinkedHashMap<>();
    final List<Loop> loops = new ArrayList<>();

    private final Path file;
    private final Map<String, Program> programs = new HashMap<>();
    private double[] points = {};
    private int number;

    Specification(Path file) throws IOException {
        this.file = file;
        String name = null;
        String heat = null;
        String comment = null;
        StringBuilder remarks = new StringBuilder();
        List<String> text = Files.readAllLines(file);
        while (number < text.size()) {
            String line = text.get(number++).strip();
            List<String> words = Arrays.asList(line.split("\\s+"));
            switch (words.getFirst()) {
                case "" -> remarks.setLength(0);
                case "#" -> remarks.append(remarks.isEmpty() ? "" : "\n").append(line.substring(1).strip());
                case "class" -> {
                    name = words.get(1);
                    heat = words.get(2);
                    comment = remarks.toString();
                }
                case "constant" -> constants.put(words.get(1), words.get(2));
                case "points" -> points = words.stream().skip(1).mapToDouble(Double::parseDouble).toArray();
                case "program" -> programs.put(words.get(1), program(words, text));
                case "form" -> check(Integer.parseInt(words.get(1)), Integer.parseInt(words.get(2)), words);
                case "loop" -> loops.add(new Loop(words.get(1), remarks.toString(), map(words.get(2), words),
                        words.subList(3, words.size())));
                default -> throw wrong("expected class, constant, points, program, form or loop, not '" + line + "'");
            }
        }
        this.name = name;
        this.heat = heat;
        this.comment = comment;
    }

    private IllegalArgumentException wrong(String what) {
        return new IllegalArgumentException(file + ", line " + number + ": " + what);
    }

    private Program program(String named) {
        Program program = programs.get(named);
        if (program == null) {
            throw wrong("no program " + named);
        }
        return program;
    }

    private Program program(List<String> head, List<String> text) {
        int arrow = head.indexOf("->");
        List<Program.Line> lines = new ArrayList<>();
        while (number < text.size() && text.get(number).startsWith("  ")) {
            String[] sides = text.get(number++).split("=");
            List<String> left = Arrays.asList(sides[0].strip().split("\\s+"));
            String right = sides[1].strip();
            if (right.matches("\\w+\\(.*\\)")) {
                lines.addAll(call(left, right.substring(0, right.indexOf('(')),
                        Arrays.asList(right.substring(right.indexOf('(') + 1, right.length() - 1).strip().split("\\s+"))));
            } else {
                lines.add(new Program.Line(left.getFirst(), new Parser(right).expression()));
            }
        }
        return new Program(head.subList(2, arrow), head.subList(arrow + 1, head.size()), lines);
    }

    /** Another program's lines, its own variables under names that nobody else has. */
    private List<Program.Line> call(List<String> results, String named, List<String> arguments) {
        Program called = program(named);
        Map<String, String> names = new HashMap<>();
        for (int i = 0; i < arguments.size(); i++) {
            names.put(called.inputs().get(i), arguments.get(i));
        }
        for (int i = 0; i < results.size(); i++) {
            names.put(called.outputs().get(i), results.get(i));
        }
        called.lines().forEach(line -> names.putIfAbsent(line.name(), line.name() + "Of" + results.getFirst()));
        return called.lines().stream()
                .map(line -> new Program.Line(names.get(line.name()), line.value().renamed(names::get))).toList();
    }

    /** The program of a loop: as it is, transposed, or with the factors 1/N′(a) of its points. */
    private Program map(String named, List<String> words) {
        Program program = program(named);
        if (words.contains("normalised")) {
            program = program.scaled(factors());
        }
        boolean bias = words.contains("bias");
        List<String> outputs = program.outputs().stream().filter(output -> bias || !output.equals("one")).toList();
        program = program.to(outputs);
        return words.contains("transposed") ? program.transposed() : program;
    }

    private List<String> factors() {
        List<String> factors = new ArrayList<>();
        for (double a : points) {
            double slope = 1;
            for (double other : points) {
                slope *= other == a ? 1 : a - other;
            }
            factors.add(Float.toString((float) (1 / slope)).replaceAll("\\.0$", ""));
        }
        return factors;
    }

    /** That the three maps are a filter of so many taps, as far as doubles can tell. */
    private void check(int outputs, int taps, List<String> words) {
        double[][] b = program(words.get(3)).matrix();
        double[][] g = program(words.get(4)).matrix();
        double[][] a = program(words.get(5)).matrix();
        double[] factors = factors().stream().mapToDouble(Double::parseDouble).toArray();
        for (int i = 0; i < outputs; i++) {
            for (int j = 0; j < taps; j++) {
                for (int s = 0; s < outputs + taps - 1; s++) {
                    double sum = 0;
                    for (int p = 0; p < b.length; p++) {
                        sum += a[p][i] * b[p][s] * g[p][j] * (p < factors.length ? factors[p] : 1);
                    }
                    if (Math.abs(sum - (s == i + j ? 1 : 0)) > 1e-5) {
                        throw wrong("output " + i + ", tap " + j + ", sample " + s + " meet with a factor of " + sum);
                    }
                }
            }
        }
    }

    /** Of sums and differences, from left to right, of products with a factor on the right. */
    private final class Parser {
        private final String[] tokens;
        private int at;

        Parser(String text) {
            tokens = text.replaceAll("([()*])", " $1 ").strip().split("\\s+");
        }

        Expression expression() {
            Expression left = term();
            while (at < tokens.length && (tokens[at].equals("+") || tokens[at].equals("-"))) {
                boolean plus = tokens[at++].equals("+");
                Expression right = term();
                if (plus && left instanceof Expression.Scaled(Expression of, String factor)) {
                    left = new Expression.Fused(of, factor, right);
                } else if (plus && right instanceof Expression.Scaled(Expression of, String factor)) {
                    left = new Expression.Fused(of, factor, left);
                } else if (plus) {
                    left = new Expression.Sum(left, right);
                } else {
                    left = new Expression.Difference(left, right);
                }
            }
            return left;
        }

        private Expression term() {
            Expression factor;
            if (tokens[at].equals("-")) {
                at++;
                return new Expression.Negative(term());
            }
            if (tokens[at].equals("(")) {
                at++;
                factor = expression();
                at++; // the bracket that closes it
            } else if (tokens[at].startsWith("-")) {
                factor = new Expression.Negative(new Expression.Variable(tokens[at++].substring(1)));
            } else {
                factor = new Expression.Variable(tokens[at++]);
            }
            if (at < tokens.length && tokens[at].equals("*")) {
                at += 2;
                return new Expression.Scaled(factor, tokens[at - 1]);
            }
            return factor;
        }
    }
}
