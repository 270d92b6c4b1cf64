// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** A tape as text, as a Graphviz graph and as JSON. */
final class TapePrinter {
    private final Tape tape;
    private final Map<Tensor, String> leaves = new IdentityHashMap<>();

    private TapePrinter(Tape tape) {
        this.tape = tape;
    }

    static String text(Tape tape) {
        TapePrinter printer = new TapePrinter(tape);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < tape.nodes().size(); i++) {
            Tape.Node node = tape.nodes().get(i);
            text.append('%').append(i).append(": ").append(node.output().shape()).append(" = ")
                    .append(node.op().name()).append('(');
            List<String> inputs = new ArrayList<>();
            for (Tensor input : node.inputs()) {
                inputs.add(printer.reference(input) + (tape.producer(input) < 0 ? input.shape() : ""));
            }
            text.append(String.join(", ", inputs)).append(')');
            if (!node.op().parameters().isEmpty()) {
                text.append(' ').append(node.op().parameters());
            }
            if (!node.label().isEmpty()) {
                text.append("  # ").append(node.label());
            }
            text.append('\n');
        }
        return text.toString();
    }

    static String dot(Tape tape) {
        TapePrinter printer = new TapePrinter(tape);
        StringBuilder nodes = new StringBuilder();
        StringBuilder edges = new StringBuilder();
        for (int i = 0; i < tape.nodes().size(); i++) {
            Tape.Node node = tape.nodes().get(i);
            String title = node.op().name() + (node.op().parameters().isEmpty() ? "" : " " + node.op().parameters());
            nodes.append("  ").append(quote("%" + i)).append(" [shape=box, label=")
                    .append(quote(title + "\n" + node.output().shape() + "\n" + node.label())).append("];\n");
            for (Tensor input : node.inputs()) {
                String name = printer.reference(input);
                if (tape.producer(input) < 0) {
                    String leaf = "  " + quote(name) + " [label=" + quote(name + "\n" + input.shape()) + "];\n";
                    if (nodes.indexOf(leaf) < 0) {
                        nodes.append(leaf);
                    }
                }
                edges.append("  ").append(quote(name)).append(" -> ").append(quote("%" + i)).append(";\n");
            }
        }
        return "digraph tape {\n" + nodes + edges + "}\n";
    }

    static String json(Tape tape) {
        TapePrinter printer = new TapePrinter(tape);
        List<String> objects = new ArrayList<>();
        for (int i = 0; i < tape.nodes().size(); i++) {
            Tape.Node node = tape.nodes().get(i);
            List<String> inputs = new ArrayList<>();
            for (Tensor input : node.inputs()) {
                inputs.add("{\"ref\": " + quote(printer.reference(input)) + ", \"shape\": " + input.shape() + "}");
            }
            objects.add("  {\"id\": " + quote("%" + i) + ", \"op\": " + quote(node.op().name())
                    + ", \"parameters\": " + quote(node.op().parameters())
                    + ", \"label\": " + quote(node.label())
                    + ", \"shape\": " + node.output().shape()
                    + ", \"inputs\": [" + String.join(", ", inputs) + "]}");
        }
        return "[\n" + String.join(",\n", objects) + "\n]\n";
    }

    /** {@code %3} for a result, the name or {@code $0}, {@code $1}, … for a leaf. */
    private String reference(Tensor tensor) {
        int producer = tape.producer(tensor);
        if (producer >= 0) {
            return "%" + producer;
        }
        return tensor.name() != null ? tensor.name()
                : leaves.computeIfAbsent(tensor, leaf -> "$" + leaves.size());
    }

    private static String quote(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            switch (c) {
                case '"' -> quoted.append("\\\"");
                case '\\' -> quoted.append("\\\\");
                case '\n' -> quoted.append("\\n");
                default -> quoted.append(c < ' ' ? String.format("\\u%04x", (int) c) : String.valueOf(c));
            }
        }
        return quoted.append('"').toString();
    }
}
