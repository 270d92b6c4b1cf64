// SPDX-License-Identifier: Apache-2.0
package aulos.engine.op;

import aulos.engine.Backend;
import aulos.engine.Backend.Operand;
import aulos.engine.Kernel;
import aulos.engine.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Tensors of a rank above {@link Backend#MAX_RANK} on backends that know no such rank. Neighbouring axes that a kernel
 * treats alike become one; in the rare case that more are left, the kernel runs in several parts.
 */
public final class HighRank {
    private HighRank() {}

    /** Runs a kernel, as it is if the ranks allow it. */
    public static void run(Backend backend, Kernel kernel, Operand out, Operand... in) {
        int rank = out.shape().rank();
        for (Operand operand : in) {
            rank = Math.max(rank, operand.shape().rank());
        }
        if (rank <= Backend.MAX_RANK) {
            backend.run(kernel, out, in);
            return;
        }
        switch (kernel) {
            case Kernel.Pointwise pointwise -> pointwise(backend, pointwise, out, in);
            case Kernel.Sum _ -> sum(backend, out, in[0]);
            case Kernel.StridedCopy copy -> copy(backend, copy.offset(), dims(out), ints(copy.strides()), out.buffer(), in[0]);
            case Kernel.StridedPlace place -> place(backend, place, out, in[0]);
            case Kernel.Concat concat -> backend.run(new Kernel.Concat(1), around(out, concat.axis()),
                    Arrays.stream(in).map(part -> around(part, concat.axis())).toArray(Operand[]::new));
            case Kernel.ReflectPad _, Kernel.ReflectPadAdjoint _, Kernel.RealDft _, Kernel.RealDftAdjoint _ ->
                    backend.run(kernel, rows(out, 1), rows(in[0], 1));
            case Kernel.Frame _ -> backend.run(kernel, rows(out, 2), rows(in[0], 1));
            case Kernel.OverlapAdd _ -> backend.run(kernel, rows(out, 1), rows(in[0], 2));
            case Kernel.WeightNorm _, Kernel.WeightNormGradient _, Kernel.RowProjection _ -> backend.run(kernel,
                    columns(out), Arrays.stream(in).map(HighRank::columns).toArray(Operand[]::new));
            case Kernel.MeanAbsoluteError _, Kernel.MeanAbsoluteErrorGradient _, Kernel.AdamW _ -> backend.run(kernel,
                    flat(out), Arrays.stream(in).map(HighRank::flat).toArray(Operand[]::new));
            case Kernel.Matmul _, Kernel.Conv _, Kernel.ConvInputGradient _, Kernel.ConvWeightGradient _ ->
                    throw new IllegalStateException(kernel + " with rank " + rank + ", its op expects 3 at most");
        }
    }

    /** Neighbouring axes merge if each operand either has both or repeats along both. */
    private static void pointwise(Backend backend, Kernel.Pointwise kernel, Operand out, Operand[] in) {
        int[] dims = dims(out);
        int[][] own = Arrays.stream(in).map(operand -> aligned(operand.shape(), dims.length)).toArray(int[][]::new);
        List<int[]> groups = new ArrayList<>(); // the dimension of the output, then that of each operand
        int previous = -1;
        for (int axis = 0; axis < dims.length; axis++) {
            if (dims[axis] == 1) {
                continue;
            }
            boolean joins = previous >= 0;
            for (int[] operand : own) {
                joins = joins && (operand[axis] == 1) == (operand[previous] == 1);
            }
            if (!joins) {
                int[] group = new int[1 + in.length];
                Arrays.fill(group, 1);
                groups.add(group);
            }
            groups.getLast()[0] *= dims[axis];
            for (int i = 0; i < in.length; i++) {
                groups.getLast()[1 + i] *= own[i][axis];
            }
            previous = axis;
        }
        Operand[] operands = new Operand[in.length];
        if (groups.size() <= Backend.MAX_RANK) {
            for (int i = 0; i < in.length; i++) {
                operands[i] = new Operand(column(groups, 1 + i), in[i].buffer());
            }
            backend.run(kernel, new Operand(column(groups, 0), out.buffer()), operands);
            return;
        }
        for (int i = 0; i < in.length; i++) {
            operands[i] = new Operand(Shape.of(out.shape().size()), backend.allocate(out.shape().size()));
            copy(backend, 0, dims, repeating(own[i]), operands[i].buffer(), in[i]);
        }
        backend.run(kernel, flat(out), operands);
        for (Operand operand : operands) {
            backend.free(operand.buffer());
        }
    }

    private static Shape column(List<int[]> groups, int index) {
        return Shape.of(groups.stream().mapToInt(group -> group[index]).toArray());
    }

    /** One run of reduced axes after the other. */
    private static void sum(Backend backend, Operand out, Operand in) {
        int[] from = dims(in);
        int[] to = dims(out);
        int first = 0;
        while (first < from.length && from[first] == to[first]) {
            first++;
        }
        int end = first;
        while (end < from.length && to[end] == 1) {
            end++;
        }
        int[] between = from.clone();
        Arrays.fill(between, first, end, 1);
        boolean last = Arrays.equals(between, to);
        Backend.Buffer target = last ? out.buffer() : backend.allocate(product(between, 0, between.length));
        int before = product(from, 0, first);
        int after = product(from, end, from.length);
        backend.run(new Kernel.Sum(), new Operand(Shape.of(before, 1, after), target),
                new Operand(Shape.of(before, product(from, first, end), after), in.buffer()));
        if (!last) {
            sum(backend, out, new Operand(Shape.of(between), target));
            backend.free(target);
        }
    }

    /** With its axes merged, or else as one copy for each index of the first axis. */
    private static void copy(Backend backend, int offset, int[] dims, int[] strides, Backend.Buffer out, Operand in) {
        List<int[]> axes = new ArrayList<>(); // dimension, stride
        for (int axis = 0; axis < dims.length; axis++) {
            int[] last = axes.isEmpty() ? null : axes.getLast();
            if (last != null && last[1] == strides[axis] * dims[axis]) {
                last[0] *= dims[axis];
                last[1] = strides[axis];
            } else if (dims[axis] > 1) {
                axes.add(new int[] {dims[axis], strides[axis]});
            }
        }
        int[] shape = axes.stream().mapToInt(axis -> axis[0]).toArray();
        int[] steps = axes.stream().mapToInt(axis -> axis[1]).toArray();
        Operand source = flat(in);
        if (shape.length <= Backend.MAX_RANK) {
            backend.run(new Kernel.StridedCopy(offset, Shapes.list(steps)), new Operand(Shape.of(shape), out), source);
            return;
        }
        int inner = product(shape, 1, shape.length);
        Operand[] parts = new Operand[shape[0]];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = new Operand(Shape.of(inner), backend.allocate(inner));
            copy(backend, offset + i * steps[0], Arrays.copyOfRange(shape, 1, shape.length),
                    Arrays.copyOfRange(steps, 1, steps.length), parts[i].buffer(), in);
        }
        backend.run(new Kernel.Concat(0), new Operand(Shape.of(parts.length * inner), out), parts);
        for (Operand part : parts) {
            backend.free(part.buffer());
        }
    }

    /** Padding has three axes at most when merged: before, along and after. */
    private static void place(Backend backend, Kernel.StridedPlace kernel, Operand out, Operand in) {
        int[] dims = dims(in);
        int[] strides = ints(kernel.strides());
        List<int[]> axes = new ArrayList<>();
        for (int axis = 0; axis < dims.length; axis++) {
            int[] last = axes.isEmpty() ? null : axes.getLast();
            if (last != null && last[1] == strides[axis] * dims[axis]) {
                last[0] *= dims[axis];
                last[1] = strides[axis];
            } else {
                axes.add(new int[] {dims[axis], strides[axis]});
            }
        }
        backend.run(new Kernel.StridedPlace(kernel.offset(), axes.stream().map(axis -> axis[1]).toList()), flat(out),
                new Operand(Shape.of(axes.stream().mapToInt(axis -> axis[0]).toArray()), in.buffer()));
    }

    private static int[] dims(Operand operand) {
        return operand.shape().dims();
    }

    /** Dimensions with ones in front, up to {@code rank}. */
    private static int[] aligned(Shape shape, int rank) {
        int[] dims = new int[rank];
        Arrays.fill(dims, 1);
        System.arraycopy(shape.dims(), 0, dims, rank - shape.rank(), shape.rank());
        return dims;
    }

    /** Strides that stay where the dimension is 1. */
    private static int[] repeating(int[] dims) {
        int[] strides = Shape.of(dims).strides();
        for (int axis = 0; axis < dims.length; axis++) {
            strides[axis] = dims[axis] == 1 ? 0 : strides[axis];
        }
        return strides;
    }

    private static int product(int[] dims, int from, int to) {
        return Arrays.stream(dims, from, to).reduce(1, (a, b) -> a * b);
    }

    private static int[] ints(List<Integer> values) {
        return values.stream().mapToInt(Integer::intValue).toArray();
    }

    private static Operand flat(Operand operand) {
        return new Operand(operand.shape().rank() == 0 ? Shape.SCALAR : Shape.of(operand.shape().size()), operand.buffer());
    }

    /** [before, along, after] an axis. */
    private static Operand around(Operand operand, int axis) {
        int[] dims = dims(operand);
        return new Operand(Shape.of(product(dims, 0, axis), dims[axis], product(dims, axis + 1, dims.length)),
                operand.buffer());
    }

    /** All but the last {@code kept} axes as one. */
    private static Operand rows(Operand operand, int kept) {
        int[] dims = dims(operand);
        int[] folded = new int[kept + 1];
        folded[0] = product(dims, 0, dims.length - kept);
        System.arraycopy(dims, dims.length - kept, folded, 1, kept);
        return new Operand(Shape.of(folded), operand.buffer());
    }

    /** All but the first axis as one. */
    private static Operand columns(Operand operand) {
        int[] dims = dims(operand);
        return new Operand(Shape.of(dims[0], product(dims, 1, dims.length)), operand.buffer());
    }
}
