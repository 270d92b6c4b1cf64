// SPDX-License-Identifier: Apache-2.0

import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** The right side of a line of a {@link Program}: linear in its variables, its order of operations that of the loops. */
sealed interface Expression {

    record Variable(String name) implements Expression {}

    record Negative(Expression of) implements Expression {}

    /** A factor is a number, or the name of one that a loop is given. */
    record Scaled(Expression of, String factor) implements Expression {}

    record Sum(Expression left, Expression right) implements Expression {}

    record Difference(Expression left, Expression right) implements Expression {}

    /** {@code of·factor + plus}, rounded once. */
    record Fused(Expression of, String factor, Expression plus) implements Expression {}

    default void forEachVariable(Consumer<String> visitor) {
        switch (this) {
            case Variable(String name) -> visitor.accept(name);
            case Negative(Expression of) -> of.forEachVariable(visitor);
            case Scaled(Expression of, String _) -> of.forEachVariable(visitor);
            case Sum(Expression left, Expression right) -> {
                left.forEachVariable(visitor);
                right.forEachVariable(visitor);
            }
            case Difference(Expression left, Expression right) -> {
                left.forEachVariable(visitor);
                right.forEachVariable(visitor);
            }
            case Fused(Expression of, String _, Expression plus) -> {
                of.forEachVariable(visitor);
                plus.forEachVariable(visitor);
            }
        }
    }

    default Expression renamed(UnaryOperator<String> names) {
        return switch (this) {
            case Variable(String name) -> new Variable(names.apply(name));
            case Negative(Expression of) -> new Negative(of.renamed(names));
            case Scaled(Expression of, String factor) -> new Scaled(of.renamed(names), factor);
            case Sum(Expression left, Expression right) -> new Sum(left.renamed(names), right.renamed(names));
            case Difference(Expression left, Expression right) ->
                new Difference(left.renamed(names), right.renamed(names));
            case Fused(Expression of, String factor, Expression plus) ->
                new Fused(of.renamed(names), factor, plus.renamed(names));
        };
    }

    /** As Java on vectors, {@code x.fma(broadcast(S, 4), y)}. */
    default String vector() {
        return switch (this) {
            case Variable(String name) -> name;
            case Negative(Expression of) -> of.vector() + ".neg()";
            case Scaled(Expression of, String factor) -> of.vector() + ".mul(" + literal(factor) + ")";
            case Sum(Expression left, Expression right) -> left.vector() + ".add(" + right.vector() + ")";
            case Difference(Expression left, Expression right) -> left.vector() + ".sub(" + right.vector() + ")";
            case Fused(Expression of, String factor, Expression plus) ->
                of.vector() + ".fma(broadcast(S, " + literal(factor) + "), " + plus.vector() + ")";
        };
    }

    /** As Java on floats, {@code Math.fma(x, 4, y)}. */
    default String plain() {
        return switch (this) {
            case Variable(String name) -> name;
            case Negative(Expression of) -> "-" + of.operand();
            case Scaled(Expression of, String factor) -> of.operand() + " * " + literal(factor);
            case Sum(Expression left, Expression right) -> left.plain() + " + " + right.operand();
            case Difference(Expression left, Expression right) -> left.plain() + " - " + right.operand();
            case Fused(Expression of, String factor, Expression plus) ->
                "Math.fma(" + of.plain() + ", " + literal(factor) + ", " + plus.plain() + ")";
        };
    }

    private String operand() {
        return this instanceof Variable || this instanceof Fused ? plain() : "(" + plain() + ")";
    }

    private static String literal(String factor) {
        return factor.matches("-?\\d+|[a-zA-Z]\\w*") ? factor : factor + "f";
    }
}
