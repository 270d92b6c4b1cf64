// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** A tape as text, as a Graphviz graph and as JSON. */
final class TapePrinter {
    /** What results and leaves without a name are called. */
    private static final Pattern RESERVED = Pattern.compile("[%$]\\d+");

    private final Tape tape;
    private final Map<Tensor, String> leaves = new IdentityHashMap<>();

    private TapePrinter(Tape tape) {
        this.tape = tape;
        nameLeaves();
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
        Set<String> drawn = new HashSet<>();
        for (int i = 0; i < tape.nodes().size(); i++) {
            Tape.Node node = tape.nodes().get(i);
            String title = node.op().name() + (node.op().parameters().isEmpty() ? "" : " " + node.op().parameters());
            nodes.append("  ").append(quote("%" + i)).append(" [shape=box, label=")
                    .append(quote(title + "\n" + node.output().shape() + "\n" + node.label())).append("];\n");
            for (Tensor input : node.inputs()) {
                String name = printer.reference(input);
                if (tape.producer(input) < 0) {
                    if (drawn.add(name)) {
                        nodes.append("  ").append(quote(name)).append(" [label=")
                                .append(quote(name + "\n" + input.shape())).append("];\n");
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

    /** {@code %3} for a result, a name that no other has for a leaf. */
    private String reference(Tensor tensor) {
        int producer = tape.producer(tensor);
        return producer >= 0 ? "%" + producer : leaves.get(tensor.original());
    }

    /** The first name each leaf is read under; {@code $0}, {@code $1}, … without one, {@code w#2} if there is a w. */
    private void nameLeaves() {
        Map<Tensor, Tensor> shown = new IdentityHashMap<>();
        List<Tensor> found = new ArrayList<>();
        for (Tape.Node node : tape.nodes()) {
            for (Tensor input : node.inputs()) {
                if (tape.producer(input) < 0) {
                    Tensor known = shown.get(input.original());
                    if (known == null) {
                        found.add(input.original());
                    }
                    if (known == null || known.name() == null) {
                        shown.put(input.original(), input);
                    }
                }
            }
        }
        Set<String> taken = new HashSet<>();
        Map<String, Integer> uses = new HashMap<>();
        int unnamed = 0;
        for (Tensor leaf : found) {
            String name = shown.get(leaf).name();
            String base = name == null ? "$" + unnamed++ : RESERVED.matcher(name).matches() ? "'" + name + "'" : name;
            String unique = base;
            while (!taken.add(unique)) {
                unique = base + "#" + (uses.merge(base, 1, Integer::sum) + 1);
            }
            leaves.put(leaf, unique);
        }
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
