// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import aulos.engine.Backend.Operand;
import aulos.engine.Shape;
import org.jocl.cl_mem;

/**
 * {@link aulos.engine.Kernel.Sum} and {@link aulos.engine.Kernel.Max} as a tree whose form depends on the sizes alone, so that the bits are the same on every
 * run: a work-group takes up to {@link #PART} terms of one output, and what they leave is reduced in the same way.
 */
final class Reduction {
    /** Up to this many terms one work-item takes alone. */
    private static final int SERIAL = 64;

    private static final int PART = 64 * Queue.GROUP;

    private Reduction() {}

    static void sum(Queue queue, DevicePool buffers, Operand out, Operand in) {
        reduce(queue, buffers, "", out, in);
    }

    static void max(Queue queue, DevicePool buffers, Operand out, Operand in) {
        reduce(queue, buffers, "-DMAX ", out, in);
    }

    /** A kernel has two axes of each kind. Where kept and reduced axes take turns more often, the inner ones come first. */
    private static void reduce(Queue queue, DevicePool buffers, String kind, Operand out, Operand in) {
        Shape middle = innermostReduced(in.shape(), out.shape());
        Layout layout = Layout.of(out.shape(), in.shape());
        if (layout != null) {
            reduce(queue, buffers, kind, OpenClBackend.memory(out), OpenClBackend.memory(in), layout);
            return;
        }
        OpenClBuffer partly = buffers.take(middle.size());
        reduce(queue, buffers, kind, partly.memory, OpenClBackend.memory(in), Layout.of(middle, in.shape()));
        reduce(queue, buffers, kind, out, new Operand(middle, partly));
        buffers.give(partly);
    }

    /** {@code from} with 1 in the last run of axes that {@code to} lacks. */
    private static Shape innermostReduced(Shape from, Shape to) {
        Shape middle = from;
        boolean inRun = false;
        for (int axis = from.rank() - 1; axis >= 0; axis--) {
            boolean reduced = from.dim(axis) > to.dim(axis);
            if (inRun && !reduced && from.dim(axis) > 1) {
                break;
            }
            inRun |= reduced;
            middle = reduced ? middle.with(axis, 1) : middle;
        }
        return middle;
    }

    /** y[0] = Σ x[i] over i &lt; length. */
    static void sumOfRow(Queue queue, DevicePool buffers, cl_mem y, cl_mem x, int length) {
        reduce(queue, buffers, "", y, x, Layout.rows(1, length));
    }

    private static void reduce(Queue queue, DevicePool buffers, String kind, cl_mem y, cl_mem x, Layout layout) {
        if (layout.terms <= SERIAL) {
            long[] items = {(long) Math.ceilDiv(layout.outputs, Queue.GROUP) * Queue.GROUP};
            queue.launch("reduction", kind.strip(), "serial", items, new long[] {Queue.GROUP}, layout.outputs, layout.terms, y,
                    x, layout.kept, layout.reduced);
            return;
        }
        int parts = Math.ceilDiv(layout.terms, PART);
        long[] global = {(long) parts * Queue.GROUP, layout.outputs};
        long[] local = {Queue.GROUP, 1};
        String options = kind + "-DGROUP=" + Queue.GROUP + " -DPART=" + PART;
        if (parts == 1) {
            queue.launch("reduction", options, "tree", global, local, layout.terms, y, x, layout.kept, layout.reduced);
            return;
        }
        OpenClBuffer rest = buffers.take(Math.multiplyExact(parts, layout.outputs));
        queue.launch("reduction", options, "tree", global, local, layout.terms, rest.memory, x, layout.kept, layout.reduced);
        reduce(queue, buffers, kind, y, rest.memory, Layout.rows(layout.outputs, parts));
        buffers.give(rest);
    }

    /**
     * Where the terms are. Neighbouring axes of one kind are one axis.
     *
     * @param kept size of the inner kept axis, strides of the outer and the inner one, and 0
     * @param reduced the same for the axes that are reduced
     */
    private record Layout(int outputs, int terms, int[] kept, int[] reduced) {

        static Layout rows(int rows, int length) {
            return new Layout(rows, length, new int[] {rows, 0, length, 0}, new int[] {length, 0, 1, 0});
        }

        /** Null if kept or reduced axes take turns more often than twice. */
        static Layout of(Shape out, Shape in) {
            Kind kept = new Kind();
            Kind reduced = new Kind();
            Kind last = null;
            int stride = 1;
            for (int axis = in.rank() - 1; axis >= 0; axis--) {
                int size = in.dim(axis);
                if (size > 1) {
                    Kind kind = out.dim(axis) == size ? kept : reduced;
                    kind.extend(size, stride, kind == last);
                    last = kind;
                }
                stride *= size;
            }
            if (kept.axes > 2 || reduced.axes > 2) {
                return null;
            }
            return new Layout(out.size(), in.size() / out.size(), kept.argument(), reduced.argument());
        }
    }

    private static final class Kind {
        private int axes;
        private int inner = 1;
        private int innerStride;
        private int outerStride;

        void extend(int size, int stride, boolean joins) {
            axes += joins ? 0 : 1;
            if (axes == 1) {
                innerStride = joins ? innerStride : stride;
                inner *= size;
            } else {
                outerStride = joins ? outerStride : stride;
            }
        }

        int[] argument() {
            return new int[] {inner, outerStride, innerStride, 0};
        }
    }
}
