// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import aulos.engine.Backend.Operand;
import java.util.ArrayList;
import java.util.List;

/** {@link aulos.engine.Kernel.WeightNorm}, its gradient and {@link aulos.engine.Kernel.RowProjection}: a work-group a row. */
final class WeightNorm {
    private WeightNorm() {}

    static void run(Queue queue, String kernel, Operand out, Operand... in) {
        int rows = in[0].shape().dim(0);
        int width = in[0].shape().size() / rows;
        List<Object> arguments = new ArrayList<>(List.of(width, OpenClBackend.memory(out)));
        for (Operand operand : in) {
            arguments.add(OpenClBackend.memory(operand));
        }
        long[] global = {(long) rows * Queue.GROUP};
        queue.launch("weight_norm", "-DGROUP=" + Queue.GROUP, kernel, global, new long[] {Queue.GROUP},
                arguments.toArray());
    }
}
