// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import aulos.engine.Backend.Operand;
import aulos.engine.Kernel;
import aulos.engine.Shape;
import java.util.List;
import org.jocl.Pointer;

/** {@link Kernel.Gather} and its adjoint; the indices go to the device with each launch. */
final class Gather {
    private Gather() {}

    static void run(Queue queue, DevicePool buffers, Kernel.Gather kernel, Operand out, Operand in) {
        OpenClBuffer indices = upload(queue, buffers, kernel.indices());
        int size = out.shape().size();
        queue.launch("gather", "gather", size, size, OpenClBackend.memory(out), OpenClBackend.memory(in), indices.memory,
                sizes(in.shape(), kernel.axis(), kernel.indices().size()));
        buffers.give(indices);
    }

    static void adjoint(Queue queue, DevicePool buffers, Kernel.ScatterAdd kernel, Operand out, Operand in) {
        OpenClBuffer indices = upload(queue, buffers, kernel.indices());
        int size = out.shape().size() / out.shape().dim(kernel.axis());
        queue.launch("gather", "scatter_add", size, size, OpenClBackend.memory(out), OpenClBackend.memory(in), indices.memory,
                sizes(out.shape(), kernel.axis(), kernel.indices().size()));
        buffers.give(indices);
    }

    /** An index has the size of a float, of which buffers are made. */
    private static OpenClBuffer upload(Queue queue, DevicePool buffers, List<Integer> indices) {
        OpenClBuffer buffer = buffers.take(indices.size());
        int[] values = indices.stream().mapToInt(Integer::intValue).toArray();
        queue.write(buffer.memory, Pointer.to(values), (long) Integer.BYTES * values.length);
        return buffer;
    }

    /** The number of indices, the table's length along the axis, and how many elements lie inside it. */
    private static int[] sizes(Shape table, int axis, int count) {
        return new int[] {count, table.dim(axis), table.strides()[axis], 0};
    }
}
