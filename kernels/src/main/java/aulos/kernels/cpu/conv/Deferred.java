// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv;

import aulos.engine.Backend.Operand;
import aulos.engine.ConvSpec;
import aulos.engine.Fusion;
import aulos.engine.Kernel;
import aulos.engine.Shape;
import aulos.kernels.cpu.conv.job.ConvJob;
import aulos.kernels.cpu.run.BufferPool;
import aulos.kernels.cpu.run.CpuBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Convolutions that were asked for and have not run, and the buffers that they write to, without memory so far. They are
 * either a chain, for {@link ConvStream}, or use the same weight, for {@link JointBatch}.
 */
public final class Deferred {
    /** @param freed what is not needed any more once it has run */
    record Step(ConvJob job, List<CpuBuffer> freed) {}

    private final CpuConvolution convolution;
    private final BufferPool buffers;
    private final List<Step> steps = new ArrayList<>();
    /** Those that have no memory yet. */
    private final Set<CpuBuffer> reserved = new HashSet<>();

    public Deferred(CpuConvolution convolution, BufferPool buffers) {
        this.convolution = convolution;
        this.buffers = buffers;
    }

    public CpuBuffer allocate(int length) {
        CpuBuffer buffer = buffers.reserve(length);
        reserved.add(buffer);
        return buffer;
    }

    public void free(CpuBuffer buffer) {
        if (steps.isEmpty()) {
            reserved.remove(buffer);
            buffers.give(buffer);
        } else {
            steps.getLast().freed.add(buffer);
        }
    }

    /** Puts a kernel off, if it is of the kind that can be. */
    public boolean add(Kernel kernel, Operand out, Operand[] in) {
        if (!reserved.contains((CpuBuffer) out.buffer()) || in.length < 2
                || reserved.contains((CpuBuffer) in[1].buffer())) {
            return false;
        }
        if (kernel instanceof Kernel.Conv(ConvSpec spec, Fusion fusion)) {
            ConvJob job = convolution.job(false, spec, fusion, out, in);
            return (isLink(job) || isCompanion(job)) && steps.add(new Step(job, new ArrayList<>()));
        }
        if (kernel instanceof Kernel.ConvInputGradient(ConvSpec spec, Fusion fusion) && steps.isEmpty()
                && ConvStream.canBegin(spec, in[0].shape(), out.shape())) {
            return steps.add(new Step(convolution.job(true, spec, fusion, out, in), new ArrayList<>()));
        }
        return false;
    }

    /** Weights are used once in a chain: they keep one packed form beside them. */
    private boolean isLink(ConvJob job) {
        return keepsLength(job) && !areCompanions()
                && steps.stream().noneMatch(step -> step.job.weightBuffer() == job.weightBuffer())
                && (steps.isEmpty() || last().transposed() || keepsLength(last()));
    }

    private ConvJob last() {
        return steps.getLast().job;
    }

    private static boolean keepsLength(ConvJob job) {
        Shape x = job.inShape();
        return job.spec().stride() == 1 && job.spec().groups() == 1 && x.dim(0) == 1
                && x.dim(2) == job.out().shape().dim(2);
    }

    private boolean isCompanion(ConvJob job) {
        boolean joins = steps.isEmpty() || steps.size() == 1 || areCompanions();
        return joins && !reserved.contains((CpuBuffer) job.in()[0].buffer()) && JointBatch.suits(job)
                && (steps.isEmpty() || JointBatch.isJoint(steps.getFirst().job, job));
    }

    private boolean areCompanions() {
        return steps.size() > 1 && JointBatch.isJoint(steps.get(0).job, steps.get(1).job);
    }

    private List<ConvJob> jobs() {
        return steps.stream().map(Step::job).toList();
    }

    /** Computes all that was put off; what is not freed by then has memory afterwards. */
    public void run() {
        Set<CpuBuffer> freed = new HashSet<>();
        steps.forEach(step -> freed.addAll(step.freed));
        for (CpuBuffer buffer : reserved) {
            if (!freed.contains(buffer)) {
                buffers.back(buffer);
            }
        }
        if (areCompanions()) {
            steps.forEach(this::back);
            JointBatch.run(jobs(), convolution, buffers);
        } else {
            runChain();
        }
        drop();
    }

    private void runChain() {
        ConvStream stream = convolution.stream(jobs());
        if (stream != null) {
            stream.run();
            return;
        }
        for (Step step : steps) {
            back(step);
            convolution.run(step.job);
            step.freed.forEach(buffers::give);
            step.freed.clear();
        }
    }

    private void back(Step step) {
        CpuBuffer out = (CpuBuffer) step.job.out().buffer();
        if (out.values == null) {
            buffers.back(out);
        }
    }

    /** Forgets what has not run, and frees what was to be freed after it. */
    public void drop() {
        for (Step step : steps) {
            step.freed.forEach(buffers::give);
        }
        steps.clear();
        reserved.clear();
    }
}
