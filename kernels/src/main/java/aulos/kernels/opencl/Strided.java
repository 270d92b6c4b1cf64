// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import aulos.engine.Backend.Operand;
import aulos.engine.Kernel;
import aulos.engine.Shape;

/** Kernels that only move elements. */
final class Strided {
    private Strided() {}

    static void copy(Queue queue, Kernel.StridedCopy kernel, Operand out, Operand in) {
        int size = out.shape().size();
        queue.launch("strided", "gather", size, size, OpenClBackend.memory(out), OpenClBackend.memory(in), kernel.offset(),
                Axes.dims(out.shape()), Axes.strides(kernel.strides()));
    }

    static void place(Queue queue, Kernel.StridedPlace kernel, Operand out, Operand in) {
        queue.fill(OpenClBackend.memory(out), 0, out.shape().size());
        scatter(queue, out, in, in.shape(), kernel.offset(), Axes.strides(kernel.strides()));
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
            scatter(queue, out, operand, Shape.of(outerSize, run), start, new int[] {0, 0, row, 1});
            start += run;
        }
    }

    private static void scatter(Queue queue, Operand out, Operand in, Shape shape, int offset, int[] strides) {
        int size = shape.size();
        queue.launch("strided", "scatter", size, size, OpenClBackend.memory(out), OpenClBackend.memory(in), offset,
                Axes.dims(shape), strides);
    }
}
