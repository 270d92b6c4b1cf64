// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import aulos.engine.Backend.Operand;
import aulos.engine.Kernel;
import aulos.engine.Shape;

/** Kernels that only move elements. */
final class Strided {
    private Strided() {}

    static void copy(Queue queue, Kernel.StridedCopy kernel, Operand out, Operand in) {
        move(queue, "gather", out, in, out.shape(), kernel.offset(), Axes.array(kernel.strides()));
    }

    static void place(Queue queue, Kernel.StridedPlace kernel, Operand out, Operand in) {
        queue.fill(OpenClBackend.memory(out), 0, out.shape().size());
        move(queue, "scatter", out, in, in.shape(), kernel.offset(), Axes.array(kernel.strides()));
    }

    /** Each input is a matrix: a row for every index before the axis, which lands in the middle of the output's row. */
    static void concat(Queue queue, Kernel.Concat kernel, Operand out, Operand... in) {
        int start = 0;
        int outerSize = 1;
        for (int axis = 0; axis < kernel.axis(); axis++) {
            outerSize *= out.shape().dim(axis);
        }
        int row = out.shape().size() / outerSize;
        for (Operand operand : in) {
            int run = operand.shape().size() / outerSize;
            move(queue, "scatter", out, operand, Shape.of(outerSize, run), start, new int[] {row, 1});
            start += run;
        }
    }

    /** @param shape of the dense side, which the offset and the strides of the other belong to */
    private static void move(Queue queue, String kernel, Operand out, Operand in, Shape shape, int offset, int... strides) {
        Axes axes = Axes.of(shape, shape.strides(), strides);
        queue.launch("strided", axes.options(), kernel, shape.size(), shape.size(), OpenClBackend.memory(out),
                OpenClBackend.memory(in), offset, axes.dims(), axes.strides()[1]);
    }
}
