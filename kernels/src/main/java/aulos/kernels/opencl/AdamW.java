// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import aulos.engine.Backend.Operand;
import aulos.engine.Kernel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * {@link Kernel.AdamW}: one pass over parameter, gradient and both moments. A network has hundreds of parameters, many of
 * them small, so steps are put off until something else is asked for, and made 24 parameters at a time.
 */
final class AdamW {
    /** As many as {@code adamw.cl} takes, whose arguments are within what every device takes. */
    private static final int AT_ONCE = 24;

    private static final int PART = 1024;

    private final Queue queue;
    private final DevicePool buffers;
    private Kernel.AdamW step;
    private final List<Operand[]> waiting = new ArrayList<>();
    private final Set<OpenClBuffer> used = Collections.newSetFromMap(new IdentityHashMap<>());
    private final List<OpenClBuffer> freed = new ArrayList<>();

    AdamW(Queue queue, DevicePool buffers) {
        this.queue = queue;
        this.buffers = buffers;
    }

    void add(Kernel.AdamW kernel, Operand out, Operand... in) {
        if (!kernel.equals(step) || waiting.size() == AT_ONCE || used.contains((OpenClBuffer) out.buffer())) {
            flush();
            step = kernel;
        }
        Operand[] tensors = {out, in[0], in[1], in[2]};
        waiting.add(tensors);
        for (Operand tensor : tensors) {
            used.add((OpenClBuffer) tensor.buffer());
        }
    }

    /** Whether the buffer is needed yet; it is then freed after the step. */
    boolean free(OpenClBuffer buffer) {
        return used.contains(buffer) && freed.add(buffer);
    }

    /** Starts what waits. */
    void flush() {
        if (waiting.isEmpty()) {
            return;
        }
        int[] sizes = new int[AT_ONCE];
        int[] first = new int[AT_ONCE];
        List<Object> arguments = new ArrayList<>(List.of(sizes, first, (float) step.beta1(), (float) (1 - step.beta1()),
                (float) step.beta2(), (float) (1 - step.beta2()), (float) (1 - step.rate() * step.decay()),
                (float) (step.rate() / (1 - Math.pow(step.beta1(), step.step()))),
                (float) (1 / Math.sqrt(1 - Math.pow(step.beta2(), step.step()))), (float) step.epsilon()));
        int groups = 0;
        for (int i = 0; i < AT_ONCE; i++) {
            // Places that are left over begin behind the last group.
            Operand[] tensors = waiting.get(Math.min(i, waiting.size() - 1));
            first[i] = groups;
            if (i < waiting.size()) {
                sizes[i] = tensors[0].shape().size();
                groups += Math.ceilDiv(sizes[i], PART);
            }
            for (Operand tensor : tensors) {
                arguments.add(OpenClBackend.memory(tensor));
            }
        }
        waiting.clear();
        used.clear();
        queue.launch("adamw", "-DGROUP=" + Queue.GROUP + " -DPART=" + PART, "adamw",
                new long[] {(long) groups * Queue.GROUP}, new long[] {Queue.GROUP}, arguments.toArray());
        freed.forEach(buffers::give);
        freed.clear();
    }
}
