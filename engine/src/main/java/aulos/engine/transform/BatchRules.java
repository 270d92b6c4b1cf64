// SPDX-License-Identifier: Apache-2.0
package aulos.engine.transform;

import aulos.engine.Fusion;
import aulos.engine.Shape;
import aulos.engine.Tape;
import aulos.engine.Tensor;
import aulos.engine.op.BroadcastTo;
import aulos.engine.op.Concat;
import aulos.engine.op.Conv1d;
import aulos.engine.op.ConvTranspose1d;
import aulos.engine.op.Frame;
import aulos.engine.op.Gather;
import aulos.engine.op.Matmul;
import aulos.engine.op.Max;
import aulos.engine.op.Op;
import aulos.engine.op.OverlapAdd;
import aulos.engine.op.Pad;
import aulos.engine.op.Permute;
import aulos.engine.op.Pointwise;
import aulos.engine.op.RealDft;
import aulos.engine.op.RealDftAdjoint;
import aulos.engine.op.ReflectPad;
import aulos.engine.op.ReflectPadAdjoint;
import aulos.engine.op.Reshape;
import aulos.engine.op.RowProjection;
import aulos.engine.op.ScatterAdd;
import aulos.engine.op.Slice;
import aulos.engine.op.Sum;
import aulos.engine.op.WeightNorm;
import aulos.engine.op.WeightNormGradient;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One node of an example, for a batch of them: inputs that vary have the batch axis in front, the others have not.
 * Whatever has no rule here, an op of a user's own among them, is run for one example after the other.
 */
final class BatchRules {
    private final int batch;
    private final Tape.Node node;
    private final List<Tensor> inputs;
    private final List<Boolean> batched;

    BatchRules(int batch, Tape.Node node, List<Tensor> inputs, List<Boolean> batched) {
        this.batch = batch;
        this.node = node;
        this.inputs = inputs;
        this.batched = batched;
    }

    Tensor apply() {
        Op op = node.op();
        return switch (op) {
            case ReflectPad _, ReflectPadAdjoint _, Frame _, OverlapAdd _, RealDft _, RealDftAdjoint _ -> run(op, inputs);
            case Pointwise _ -> run(op, aligned(node.output().shape().rank()));
            case Sum sum -> run(new Sum(Vmap.Examples.join(batch, sum.target())), inputs);
            case Max max -> run(new Max(Vmap.Examples.join(batch, max.target())), inputs);
            case Gather gather -> run(new Gather(gather.axis() + 1, gather.indices()), inputs);
            case ScatterAdd add -> run(new ScatterAdd(add.axis() + 1, add.indices(), add.length()), inputs);
            case BroadcastTo to -> run(new BroadcastTo(Vmap.Examples.join(batch, to.target())), aligned(to.target().rank()));
            case Reshape to -> run(new Reshape(Vmap.Examples.join(batch, to.target())), inputs);
            case Permute permute -> run(new Permute(behindBatch(permute.axes())), inputs);
            case Slice slice -> run(new Slice(slice.axis() + 1, slice.start(), slice.end()), inputs);
            case Pad pad -> run(new Pad(pad.axis() + 1, pad.before(), pad.after()), inputs);
            case Concat concat -> run(new Concat(concat.axis() + 1), everywhere());
            case Matmul _ -> matmul();
            case WeightNorm _, WeightNormGradient _, RowProjection _ -> folded(everywhere());
            case Conv1d conv -> convolution(conv.fusion());
            case ConvTranspose1d conv -> convolution(conv.fusion());
            default -> oneByOne(); // Op is open
        };
    }

    private static Tensor run(Op op, List<Tensor> arguments) {
        return Tensor.apply(op, arguments.toArray(Tensor[]::new));
    }

    /** Ones between the batch axis and an example's own, so that the latter line up at the right. */
    private List<Tensor> aligned(int rank) {
        List<Tensor> result = new ArrayList<>();
        for (int i = 0; i < inputs.size(); i++) {
            Tensor input = inputs.get(i);
            if (batched.get(i)) {
                int[] dims = new int[rank + 1];
                Arrays.fill(dims, 1);
                int own = input.shape().rank() - 1;
                dims[0] = batch;
                System.arraycopy(input.shape().dims(), 1, dims, 1 + rank - own, own);
                input = input.reshape(Shape.of(dims));
            }
            result.add(input);
        }
        return result;
    }

    /** Every input with the batch axis: what does not vary is repeated. */
    private List<Tensor> everywhere() {
        return IntStream.range(0, inputs.size()).mapToObj(this::everywhere).toList();
    }

    private Tensor everywhere(int i) {
        Tensor input = inputs.get(i);
        return batched.get(i) ? input : input.broadcastTo(Vmap.Examples.join(batch, input.shape()));
    }

    private static List<Integer> behindBatch(List<Integer> axes) {
        List<Integer> result = new ArrayList<>(List.of(0));
        axes.forEach(axis -> result.add(axis + 1));
        return result;
    }

    private Tensor matmul() {
        List<Tensor> both = everywhere();
        return node.output().shape().rank() == 2 ? run(node.op(), both) : folded(both);
    }

    /** For ops that treat the indices of the first axis apart: the batch axis joins it. */
    private Tensor folded(List<Tensor> arguments) {
        Tensor result = run(node.op(), arguments.stream().map(BatchRules::fold).toList());
        return result.reshape(Vmap.Examples.join(batch, node.output().shape()));
    }

    private static Tensor fold(Tensor input) {
        int[] dims = input.shape().dims();
        int[] folded = Arrays.copyOfRange(dims, 1, dims.length);
        folded[0] *= dims[0];
        return input.reshape(Shape.of(folded));
    }

    /** Input and residuals of all examples are one batch, unless weight or bias vary. */
    private Tensor convolution(Fusion fusion) {
        if (batched.get(1) || fusion.bias() && batched.get(2)) {
            return oneByOne();
        }
        List<Tensor> arguments = new ArrayList<>();
        for (int i = 0; i < inputs.size(); i++) {
            boolean isWeight = i == 1 || fusion.bias() && i == 2;
            arguments.add(isWeight ? inputs.get(i) : fold(everywhere(i)));
        }
        return run(node.op(), arguments).reshape(Vmap.Examples.join(batch, node.output().shape()));
    }

    private Tensor oneByOne() {
        Tensor[] results = new Tensor[batch];
        for (int example = 0; example < batch; example++) {
            List<Tensor> arguments = new ArrayList<>();
            for (int i = 0; i < inputs.size(); i++) {
                arguments.add(batched.get(i) ? Vmap.Examples.of(inputs.get(i), example) : inputs.get(i));
            }
            results[example] = run(node.op(), arguments).reshape(Vmap.Examples.join(1, node.output().shape()));
        }
        return Tensor.concat(0, results);
    }
}
