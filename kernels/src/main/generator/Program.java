// SPDX-License-Identifier: Apache-2.0

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A linear map as straight-line code: each line gives a new variable, and none is given twice.
 *
 * @param outputs a subset of the lines' variables
 */
record Program(List<String> inputs, List<String> outputs, List<Line> lines) {

    record Line(String name, Expression value) {}

    /**
     * The transposed map, by reverse-mode differentiation: from the last line to the first, what a variable's adjoint has
     * come to is passed on to those that it was made from. An adjoint is a sum in the order in which it receives its terms,
     * so the lines of a program say in which order those of its transpose are added: backwards.
     */
    Program transposed() {
        Map<String, Expression> adjoints = new HashMap<>();
        for (String output : outputs) {
            adjoints.put(output, new Expression.Variable(output));
        }
        List<Line> reversed = new ArrayList<>();
        for (Line line : simple().reversed()) {
            Expression adjoint = adjoints.get(line.name());
            if (adjoint == null) {
                continue;
            }
            if (!(adjoint instanceof Expression.Variable)) {
                reversed.add(new Line(line.name(), adjoint));
                adjoint = new Expression.Variable(line.name());
            }
            pass(adjoint, line.value(), "1", adjoints);
        }
        for (String input : inputs) {
            reversed.add(new Line(input, adjoints.get(input)));
        }
        return new Program(outputs, inputs, reversed);
    }

    /** Adds {@code factor·adjoint} to the adjoints of all that a line's value, or a part of it, was made from. */
    private static void pass(Expression adjoint, Expression value, String factor, Map<String, Expression> adjoints) {
        switch (value) {
            case Expression.Variable(String name) -> adjoints.merge(name, term(adjoint, factor),
                    (sum, _) -> added(sum, adjoint, factor));
            case Expression.Negative(Expression of) -> pass(adjoint, of, minus(factor), adjoints);
            case Expression.Scaled(Expression of, String by) -> pass(adjoint, of, times(factor, by), adjoints);
            case Expression.Sum(Expression left, Expression right) -> {
                pass(adjoint, left, factor, adjoints);
                pass(adjoint, right, factor, adjoints);
            }
            case Expression.Difference(Expression left, Expression right) -> {
                pass(adjoint, left, factor, adjoints);
                pass(adjoint, right, minus(factor), adjoints);
            }
            case Expression.Fused(Expression of, String by, Expression plus) -> {
                pass(adjoint, of, times(factor, by), adjoints);
                pass(adjoint, plus, factor, adjoints);
            }
        }
    }

    private static Expression term(Expression adjoint, String factor) {
        return switch (factor) {
            case "1" -> adjoint;
            case "-1" -> new Expression.Negative(adjoint);
            default -> new Expression.Scaled(adjoint, factor);
        };
    }

    private static Expression added(Expression sum, Expression adjoint, String factor) {
        if (factor.equals("1")) {
            return sum instanceof Expression.Negative(Expression of) ? new Expression.Difference(adjoint, of)
                    : new Expression.Sum(sum, adjoint);
        }
        return factor.equals("-1") ? new Expression.Difference(sum, adjoint)
                : new Expression.Fused(adjoint, factor, sum);
    }

    private static String minus(String factor) {
        return factor.startsWith("-") ? factor.substring(1) : "-" + factor;
    }

    private static String times(String factor, String by) {
        return switch (factor) {
            case "1" -> by;
            case "-1" -> minus(by);
            default -> throw new IllegalArgumentException("a factor of a factor, " + factor + " of " + by);
        };
    }

    /** The same lines, with what is scaled as a whole in lines of its own. */
    private List<Line> simple() {
        List<Line> simple = new ArrayList<>();
        for (Line line : lines) {
            Expression value = line.value();
            if (value instanceof Expression.Scaled(Expression of, String by) && !(of instanceof Expression.Variable)) {
                String name = line.name() + "Whole";
                simple.add(new Line(name, of));
                value = new Expression.Scaled(new Expression.Variable(name), by);
            }
            simple.add(new Line(line.name(), value));
        }
        return simple;
    }

    /** The same map followed by a factor on each output; a factor of 1 stays away. */
    Program scaled(List<String> factors) {
        Map<String, String> byName = new HashMap<>();
        for (int i = 0; i < factors.size(); i++) {
            byName.put(outputs.get(i), factors.get(i));
        }
        return new Program(inputs, outputs, lines.stream().map(line -> {
            String factor = byName.getOrDefault(line.name(), "1");
            return factor.equals("1") ? line : new Line(line.name(), new Expression.Scaled(line.value(), factor));
        }).toList());
    }

    /** To some outputs only, without the lines that none of these needs. */
    Program to(List<String> wanted) {
        Set<String> needed = new HashSet<>(wanted);
        List<Line> kept = new ArrayList<>();
        for (Line line : lines.reversed()) {
            if (needed.contains(line.name())) {
                kept.addFirst(line);
                line.value().forEachVariable(needed::add);
            }
        }
        return new Program(inputs, wanted, kept);
    }

    /** [output][input]: the map's matrix, by running the program on unit vectors. */
    double[][] matrix() {
        double[][] matrix = new double[outputs.size()][inputs.size()];
        for (int i = 0; i < inputs.size(); i++) {
            Map<String, Double> values = new LinkedHashMap<>();
            for (String input : inputs) {
                values.put(input, input.equals(inputs.get(i)) ? 1.0 : 0.0);
            }
            for (Line line : lines) {
                values.put(line.name(), value(line.value(), values));
            }
            for (int o = 0; o < outputs.size(); o++) {
                matrix[o][i] = values.get(outputs.get(o));
            }
        }
        return matrix;
    }

    private static double value(Expression expression, Map<String, Double> values) {
        return switch (expression) {
            case Expression.Variable(String name) -> values.get(name);
            case Expression.Negative(Expression of) -> -value(of, values);
            case Expression.Scaled(Expression of, String factor) -> value(of, values) * Double.parseDouble(factor);
            case Expression.Sum(Expression left, Expression right) -> value(left, values) + value(right, values);
            case Expression.Difference(Expression left, Expression right) -> value(left, values) - value(right, values);
            case Expression.Fused(Expression of, String factor, Expression plus) ->
                value(of, values) * Double.parseDouble(factor) + value(plus, values);
        };
    }
}
