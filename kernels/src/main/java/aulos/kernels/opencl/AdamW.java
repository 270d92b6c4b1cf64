// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import aulos.engine.Backend.Operand;
import aulos.engine.Kernel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * {@link Kernel.AdamW}: one pass over parameter, gradient and both moments. A network has hundreds of parameters, many of
 * them small, so steps are put off until something else is asked for, and made for as many parameters at a time as the
 * device takes arguments for: all of a network's where it takes ten kilobytes. What changes from step to step lies in
 * memory, so the launches of a training step are the same every time.
 */
final class AdamW {
    /** The numbers of parameters that {@code adamw.cl} can be compiled for. */
    private static final int[] SIZES = {24, 120, 256};

    /** Bytes of arguments of a parameter; another pointer is the step. */
    private static final int ARGUMENTS = 4 * Long.BYTES + Integer.BYTES;

    /** Elements that are worth a work-group, and the most groups for one parameter. */
    private static final int PART = 1024;

    private static final int MOST_GROUPS = 256;

    private final Queue queue;
    private final DevicePool buffers;
    private final int atOnce;
    private Kernel.AdamW step;
    private final List<Operand[]> waiting = new ArrayList<>();
    private final Set<OpenClBuffer> used = Collections.newSetFromMap(new IdentityHashMap<>());
    private final List<OpenClBuffer> freed = new ArrayList<>();

    AdamW(Queue queue, DevicePool buffers) {
        this(queue, buffers, atOnce(queue.device().maxParameterBytes()));
    }

    /** @param atOnce how many parameters a launch takes, one of {@link #SIZES} */
    AdamW(Queue queue, DevicePool buffers, int atOnce) {
        this.queue = queue;
        this.buffers = buffers;
        this.atOnce = atOnce;
    }

    /** As many as have room in the arguments of a kernel; 1024 bytes, the least that OpenCL demands, are enough for 24. */
    static int atOnce(long parameterBytes) {
        return IntStream.of(SIZES).filter(size -> Long.BYTES + (long) size * ARGUMENTS <= parameterBytes).max()
                .orElse(SIZES[0]);
    }

    void add(Kernel.AdamW kernel, Operand out, Operand... in) {
        if (!kernel.equals(step) || waiting.size() == atOnce || used.contains((OpenClBuffer) out.buffer())) {
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
        float[] numbers = {(float) step.beta1(), (float) (1 - step.beta1()), (float) step.beta2(), (float) (1 - step.beta2()),
            (float) (1 - step.rate() * step.decay()), (float) (step.rate() / (1 - Math.pow(step.beta1(), step.step()))),
            (float) (1 / Math.sqrt(1 - Math.pow(step.beta2(), step.step()))), (float) step.epsilon()};
        OpenClBuffer ofStep = buffers.take(numbers.length);
        queue.fill(ofStep.memory, numbers);
        List<Object> arguments = new ArrayList<>();
        arguments.add(ofStep.memory);
        int largest = 0;
        for (int i = 0; i < atOnce; i++) {
            // Places that are left over have no work-groups.
            Operand[] tensors = waiting.get(Math.min(i, waiting.size() - 1));
            for (Operand tensor : tensors) {
                arguments.add(OpenClBackend.memory(tensor));
            }
            arguments.add(tensors[0].shape().size());
            largest = Math.max(largest, tensors[0].shape().size());
        }
        long groups = Math.min(Math.ceilDiv(largest, PART), MOST_GROUPS);
        queue.launch("adamw", "-DGROUP=" + Queue.GROUP + " -DTENSORS=" + atOnce, "adamw",
                new long[] {groups * Queue.GROUP, waiting.size()}, new long[] {Queue.GROUP, 1}, arguments.toArray());
        waiting.clear();
        used.clear();
        buffers.give(ofStep);
        freed.forEach(buffers::give);
        freed.clear();
    }
}
