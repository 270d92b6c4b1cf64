// SPDX-License-Identifier: Apache-2.0
package aulos.engine.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import aulos.engine.ConvSpec;
import aulos.engine.Fusion;
import aulos.engine.NdArray;
import aulos.engine.Scope;
import aulos.engine.Shape;
import aulos.engine.Tape;
import aulos.engine.Tensor;
import aulos.engine.reference.ReferenceBackend;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** ⟨A·x, y⟩ = ⟨x, Aᵀ·y⟩ for every linear op A, at random sizes: a vector–Jacobian product is the adjoint. */
class AdjointTest {
    private final ReferenceBackend backend = new ReferenceBackend();

    @Property(tries = 60)
    void convolution(@ForAll @IntRange(min = 1, max = 3) int batch, @ForAll @IntRange(min = 1, max = 3) int groups,
            @ForAll @IntRange(min = 1, max = 3) int cin, @ForAll @IntRange(min = 1, max = 3) int cout,
            @ForAll @IntRange(min = 1, max = 20) int length, @ForAll @IntRange(min = 1, max = 6) int kernel,
            @ForAll @IntRange(min = 1, max = 4) int stride, @ForAll @IntRange(min = 1, max = 3) int dilation) {
        ConvSpec spec = new ConvSpec(stride, dilation * kernel / 2 + 1, dilation, groups);
        Shape x = Shape.of(batch, cin * groups, length);
        Shape w = Shape.of(cout * groups, cin, kernel);
        Shape y = Shape.of(batch, cout * groups, spec.outputLength(length, kernel));
        holds(new Conv1d(spec, Fusion.NONE), 0, x, w);
        holds(new Conv1d(spec, Fusion.NONE), 1, x, w);
        holds(new ConvTranspose1d(spec, length, Fusion.NONE), 0, y, w);
        holds(new ConvTranspose1d(spec, length, Fusion.NONE), 1, y, w);
        holds(new Conv1dWeightGradient(spec, kernel, 1, 1), 0, x, y);
        holds(new Conv1dWeightGradient(spec, kernel, 1, 1), 1, x, y);
    }

    @Property(tries = 60)
    void signals(@ForAll @IntRange(min = 1, max = 4) int rows, @ForAll @IntRange(min = 2, max = 40) int length,
            @ForAll @IntRange(min = 1, max = 40) int size, @ForAll @IntRange(min = 1, max = 9) int hop) {
        Shape x = Shape.of(rows, length);
        holds(new RealDft(length, length / 2), 0, x);
        holds(new RealDftAdjoint(length, length / 2), 0, Shape.of(rows, 2 * (length / 2 + 1)));
        holds(new ReflectPad(size % length, hop % length), 0, x);
        holds(new Pad(1, size, hop), 0, x);
        holds(new Slice(1, hop % length, length), 0, x);
        holds(new Permute(List.of(1, 0)), 0, x);
        holds(new Sum(Shape.of(rows, 1)), 0, x);
        holds(new BroadcastTo(Shape.of(3, rows, length)), 0, x);
        holds(new Concat(1), 1, x, x);
        holds(new Gather(1, List.of(length - 1, 0, size % length, 0)), 0, x);
        holds(new ScatterAdd(0, List.copyOf(Collections.nCopies(rows, hop - 1)), hop), 0, x);
        holds(new Pointwise.Select(), 1, x, x);
        if (size <= length) {
            holds(new Frame(size, hop), 0, x);
        }
        holds(new Matmul(false, true), 0, x, Shape.of(size, length));
        holds(new Matmul(true, false), 1, x, Shape.of(rows, size));
        holds(new WeightNorm(), 1, x, Shape.of(rows, 1));
        holds(new WeightNormGradient(), 1, x, Shape.of(rows, 1), x);
        holds(new WeightNormGradient(), 2, x, Shape.of(rows, 1), x);
        holds(new RowProjection(), 1, x, x);
        holds(new MeanAbsoluteErrorGradient(), 2, x, x, Shape.SCALAR);
    }

    private void holds(Op op, int argument, Shape... shapes) {
        SplittableRandom random = new SplittableRandom(7);
        try (Scope scope = Scope.open(); Tape tape = Tape.open()) {
            Tensor[] inputs = new Tensor[shapes.length];
            for (int i = 0; i < inputs.length; i++) {
                inputs[i] = draw(shapes[i], random);
            }
            Tensor output = Tensor.apply(op, inputs);
            Tensor upstream = draw(output.shape(), random);
            Tensor adjoint = tape.gradients(output, upstream, List.of(inputs[argument])).of(inputs[argument]);
            // ops of several arguments that are jointly linear (concat) need the others at zero
            for (int i = 0; i < inputs.length && op instanceof Concat; i++) {
                inputs[i] = i == argument ? inputs[i] : inputs[i].mul(0);
            }
            double left = Tensor.apply(op, inputs).mul(upstream).sum().item();
            double right = adjoint.mul(inputs[argument]).sum().item();
            assertThat(left).as(op.toString()).isCloseTo(right, within(1e-10 * (1 + Math.abs(right))));
        }
    }

    private Tensor draw(Shape shape, SplittableRandom random) {
        return Tensor.of(backend, NdArray.of(shape, random.doubles(shape.size(), -1, 1).toArray()));
    }
}
