// SPDX-License-Identifier: Apache-2.0
package aulos.engine.study;

import aulos.engine.Tape;
import aulos.engine.TapeObserver;
import aulos.engine.Tensor;
import aulos.engine.io.AtomicFile;
import aulos.engine.op.Op;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * A tape as a page for a browser that needs no network: the graph, folded by label; for each node the shape, statistics and
 * a histogram of its values and of its gradient, time, and the memory that the tape holds, with who holds it and why; the
 * whole step by step, forwards and backwards, under the curve of that memory.
 *
 * <pre>{@code
 * TapePage page = TapePage.record(tape);
 * tape.gradients(model.forward(x).square().mean(), optimiser.tensors());
 * page.write(Path.of("step.html"));
 * }</pre>
 *
 * It looks at all values on the host while they are there, and keeps only their statistics: slow, but of a bounded size, some
 * 300 bytes for a node.
 */
public final class TapePage implements TapeObserver {
    /** What is shown of a node or a leaf. */
    static final class Entry {
        final String op;
        final String parameters;
        final String label;
        final String shape;
        final long bytes;
        /** Index of the node that computed each input, or −1 − the leaf's. */
        final List<Integer> inputs = new ArrayList<>();
        /** The inputs that the tape keeps for it; {@link #OUTPUT} for its output. */
        final List<Integer> keeps = new ArrayList<>();
        Summary value;
        Summary gradient;
        long held;
        long forward;
        long backward;

        private Entry(String op, String parameters, String label, Tensor tensor) {
            this.op = op;
            this.parameters = parameters;
            this.label = label;
            this.shape = tensor.shape().toString();
            this.bytes = tensor.bytes();
        }
    }

    /** In {@link Entry#keeps}. */
    static final int OUTPUT = -1;

    /** One product of the backward pass: through a node to its input, and the bytes of all gradients that are live after it. */
    record Step(int node, int input, long gradients) {}

    private final Tape tape;
    private final List<Entry> nodes = new ArrayList<>();
    private final List<Entry> leaves = new ArrayList<>();
    private final List<Step> steps = new ArrayList<>();
    private final Map<Tensor, Integer> places = new IdentityHashMap<>();
    private final Map<Tensor, Long> gradients = new IdentityHashMap<>();
    private final int skipped;
    private Product product;
    private boolean heldIsKnown;
    private boolean freed;
    private long liveGradients;
    private long start;
    private long took;

    private TapePage(Tape tape) {
        this.tape = tape;
        this.skipped = tape.nodes().size();
    }

    /** Watches a tape from now on; what it has recorded so far is taken for leaves. */
    public static TapePage record(Tape tape) {
        TapePage page = new TapePage(tape);
        tape.observe(page);
        return page;
    }

    @Override
    public void running(Op op, List<Tensor> inputs) {
        if (product == null) {
            inputs.getFirst().backend().sync();
            start = System.nanoTime();
        }
    }

    @Override
    public void ran(Op op, List<Tensor> inputs, Tensor output) {
        if (product == null) {
            output.backend().sync();
            took = System.nanoTime() - start;
        }
    }

    @Override
    public void recorded(int index, Tape.Node node) {
        Entry entry = new Entry(node.op().name(), node.op().parameters(), node.label(), node.output());
        for (int i = 0; i < node.inputs().size(); i++) {
            Tensor input = node.inputs().get(i);
            entry.inputs.add(places.computeIfAbsent(input.original(), unseen -> leaf(input)));
            if (node.op().keepsInput(i)) {
                entry.keeps.add(i);
            }
        }
        if (node.op().keepsOutput()) {
            entry.keeps.add(OUTPUT);
        }
        entry.value = Summary.of(node.output().toArray());
        entry.forward = product == null ? took : 0;
        places.put(node.output().original(), nodes.size());
        nodes.add(entry);
    }

    private int leaf(Tensor tensor) {
        String name = tensor.name() == null ? "$" + leaves.size() : tensor.name();
        Entry leaf = new Entry(name, "", "", tensor);
        leaf.value = Summary.of(tensor.toArray());
        leaves.add(leaf);
        return -leaves.size();
    }

    private Entry entry(int place) {
        return place >= 0 ? nodes.get(place) : leaves.get(-1 - place);
    }

    @Override
    public void backwardStarts(int last, Tensor gradient) {
        noteHeld();
        steps.clear();
        gradients.clear();
        liveGradients = 0;
    }

    private void noteHeld() {
        if (!heldIsKnown) {
            heldIsKnown = true;
            long[] bytes = tape.heldBytes();
            for (int i = 0; i < nodes.size(); i++) {
                nodes.get(i).held = bytes[skipped + i];
            }
        }
    }

    @Override
    public void productStarts(Product next, Tensor gradient) {
        if (next.index() < skipped) {
            return;
        }
        if (product == null || product.index() != next.index()) {
            leave();
            live(next.node().output());
            nodes.get(next.index() - skipped).gradient = Summary.of(gradient.toArray());
        }
        product = next;
        gradient.backend().sync();
        start = System.nanoTime();
    }

    /** The node before is done: nobody needs its gradient any more. */
    private void leave() {
        if (product != null) {
            Long bytes = gradients.remove(product.node().output().original());
            liveGradients -= bytes == null ? 0 : bytes;
        }
    }

    private void live(Tensor tensor) {
        if (gradients.put(tensor.original(), tensor.bytes()) == null) {
            liveGradients += tensor.bytes();
        }
    }

    @Override
    public void productEnds(Product done, Tensor value, Tensor sum) {
        if (done.index() < skipped) {
            return;
        }
        value.backend().sync();
        nodes.get(done.index() - skipped).backward += System.nanoTime() - start;
        live(done.input());
        int place = places.get(done.input().original());
        entry(place).gradient = Summary.of(sum.toArray());
        steps.add(new Step(done.index() - skipped, place, liveGradients));
        start = System.nanoTime();
    }

    @Override
    public void backwardEnds() {
        product = null;
        long[] bytes = tape.heldBytes();
        freed = true;
        for (int i = skipped; i < bytes.length; i++) {
            freed &= bytes[i] == 0;
        }
    }

    /** The page as text. */
    public String html() {
        noteHeld();
        return resource("page.html").replace("/*STYLE*/", resource("page.css"))
                .replace("/*SCRIPT*/", resource("graph.js") + resource("page.js"))
                .replace("/*DATA*/", PageData.json(nodes, leaves, steps, freed)); // last: it holds texts of the program's
    }

    /**
     * Writes the page.
     *
     * @throws IOException if the file cannot be written; then nothing is left behind
     */
    public void write(Path file) throws IOException {
        byte[] text = html().getBytes(StandardCharsets.UTF_8);
        AtomicFile.write(file, out -> out.write(text));
    }

    private static String resource(String name) {
        try (InputStream in = TapePage.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("this build has no resource aulos/engine/study/" + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("cannot read the resource " + name, e);
        }
    }
}
