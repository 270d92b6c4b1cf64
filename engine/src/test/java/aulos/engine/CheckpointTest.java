// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import aulos.engine.nn.Conv1dLayer;
import aulos.engine.nn.Parameter;
import aulos.engine.nn.WeightForm;
import aulos.engine.nn.Weights;
import aulos.engine.op.HostOp;
import aulos.engine.reference.ReferenceBackend;
import aulos.engine.transform.Transforms;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class CheckpointTest {
    private final ReferenceBackend backend = new ReferenceBackend();

    private static NdArray at(int... dims) {
        Shape shape = Shape.of(dims);
        return NdArray.of(shape, new SplittableRandom(3).doubles(shape.size(), -1, 1).toArray());
    }

    @Test
    void derivativesOfAnyOrderAreRight() {
        for (int order = 1; order <= 3; order++) {
            GradCheck.of(list -> {
                Tensor x = list.get(0);
                Tensor h = x.mul(list.get(1)); // read inside beside x, which it depends on
                return Tape.checkpointed(() -> h.tanh().mul(x.exp()).add(Tensor.full(x.backend(), Shape.SCALAR, 2))
                        .mul(Tape.checkpointed(() -> x.square().tanh()))).mul(x);
            }).order(order).step(1e-3).extrapolated().check(at(3), at(3)).requireBelow(1e-8);
        }
    }

    @Test
    void theBodyRunsOnceMoreAndKeepsOnlyWhatItReads() {
        int[] runs = new int[1];
        try (Scope scope = Scope.open(); Tape tape = Tape.open()) {
            Tensor x = Tensor.of(backend, at(4));
            Tensor w = Tensor.of(backend, at(4));
            int before = backend.liveBuffers();
            Tensor y = Tape.checkpointed(() -> {
                runs[0]++;
                return x.exp().mul(w).tanh().exp().mul(x.exp()).named("y");
            });
            assertThat(backend.liveBuffers() - before).as("the result").isEqualTo(1);
            assertThat(tape.nodes()).singleElement().extracting(node -> node.op().name()).isEqualTo("checkpoint");
            Gradients gradients = tape.gradients(y.sum(), List.of(x, w));
            assertThat(runs[0]).isEqualTo(2);
            Tensor plain = Transforms.grad(v -> v.exp().mul(w).tanh().exp().mul(v.exp()).sum()).apply(x);
            assertThat(gradients.of(x).toArray().doubles()).isEqualTo(plain.toArray().doubles());
        }
        assertThat(backend.liveBuffers()).isZero();
    }

    @Test
    void memoizedWeightsAndTransformsGoThrough() {
        try (Scope scope = Scope.open(); Scope model = Scope.unattached()) {
            Conv1dLayer layer = new Conv1dLayer(Weights.random(backend, model, 1), 2, 2, 3, ConvSpec.same(3, 1),
                    WeightForm.WEIGHT_NORM);
            List<Tensor> parameters = layer.parameters().stream().map(Parameter::tensor).toList();
            Tensor x = Tensor.of(backend, at(1, 2, 5));
            Gradients[] found = new Gradients[2];
            for (int i = 0; i < 2; i++) {
                boolean checkpointed = i == 1;
                try (Tape tape = Tape.open()) {
                    Tensor first = layer.forward(x); // leaves its weight memoized
                    Tensor second = checkpointed ? Tape.checkpointed(() -> layer.forward(first).tanh())
                            : layer.forward(first).tanh();
                    found[i] = tape.gradients(second.sum(), parameters);
                }
            }
            for (Tensor parameter : parameters) {
                assertThat(found[1].of(parameter).sub(found[0].of(parameter)).abs().sum().item()).isCloseTo(0, within(1e-13));
            }
            UnaryOperator<Tensor> f = t -> Tape.checkpointed(() -> t.tanh().mul(t)).sum();
            UnaryOperator<Tensor> plain = t -> t.tanh().mul(t).sum();
            Tensor v = Tensor.of(backend, at(3));
            assertThat(Transforms.hvp(f, v, v).sub(Transforms.hvp(plain, v, v)).abs().sum().item())
                    .isCloseTo(0, within(1e-13));
            assertThat(Transforms.vmap(Transforms.grad(f)).apply(v).toArray().doubles())
                    .isEqualTo(Transforms.grad(plain).apply(v).toArray().doubles());
        }
        assertThat(backend.liveBuffers()).isZero();
    }

    @Test
    void aBodyThatReadsSomethingElseTheSecondTimeIsRefused() {
        try (Scope scope = Scope.open(); Tape tape = Tape.open()) {
            Tensor[] state = {Tensor.of(backend, at(2)).named("u"), Tensor.of(backend, at(2)).named("v")};
            int[] runs = new int[1];
            Tensor y = Tape.checkpointed(() -> state[runs[0]++].exp());
            assertThatThrownBy(() -> tape.gradients(y.sum(), List.of(state[0]))).hasMessage("checkpoint: run again, its"
                    + " body reads v[2] where it first read u[2]; what changes its own state cannot be checkpointed");
        }
    }

    @Test
    void aBodyThatComputesSomethingElseTheSecondTimeIsRefused() {
        double[] k = {2};
        SplittableRandom random = new SplittableRandom(1);
        refused(x -> x.mul(k[0]++).tanh(), "its step 0 is affine 3.0x of x[2] ($0), [2], where it first was affine 2.0x of");
        refused(x -> x.mul(Tensor.of(backend, Shape.of(2), random.doubles(2).toArray())),
                "its step 0 is values from the host, [2] (hash ");
        refused(x -> k[0]++ > 4 ? x.tanh() : x.tanh().exp(), "its step 1 is none, where it first was exp of %0, [2]");
        refused(x -> k[0]++ > 6 ? x.tanh().exp() : x.tanh(), "its step 1 is exp of %0, [2], where it first was none");
        refused(x -> HostOp.custom("noise", HostOp.pointwise(value -> value + random.nextDouble()),
                (argument, inputs, output, gradient) -> gradient, x), "its step 0 is noise of x[2] ($0), [2] (hash ");
    }

    private void refused(UnaryOperator<Tensor> body, String message) {
        try (Scope scope = Scope.open(); Tape tape = Tape.open()) {
            Tensor x = Tensor.of(backend, at(2)).named("x");
            Tensor y = Tape.checkpointed(() -> body.apply(x));
            assertThatThrownBy(() -> tape.gradients(y.sum(), List.of(x))).isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(message);
        }
    }

    @Test
    void constantsAndHostOpsThatAreTheSameAgainPass() {
        try (Scope scope = Scope.open(); Tape tape = Tape.open()) {
            Tensor x = Tensor.of(backend, Shape.of(2), 2, 3);
            Tensor y = Tape.checkpointed(() -> HostOp.custom("square", HostOp.pointwise(value -> value * value),
                    (argument, inputs, output, gradient) -> gradient.mul(inputs.get(0)).mul(2), x)
                    .mul(Tensor.of(backend, Shape.of(2), 1, 10)));
            assertThat(tape.gradients(y.sum(), List.of(x)).of(x).toArray().doubles()).containsExactly(4, 60);
        }
    }

    @Test
    void whatIsReadPausedOrDetachedIsConstantThere() {
        try (Scope scope = Scope.open(); Tape tape = Tape.open()) {
            Tensor x = Tensor.of(backend, Shape.SCALAR, 2);
            Tensor w = Tensor.of(backend, Shape.SCALAR, 5);
            Tensor y = Tape.checkpointed(() -> Tape.paused(() -> w.square()).mul(x).add(w.detach()));
            Gradients gradients = tape.differentiableGradients(y, List.of(x, w));
            assertThat(gradients.of(x).item()).isEqualTo(25);
            assertThat(gradients.of(w).item()).isZero();
            Tensor.update(new Kernel.Sgd(0.1, 0, 0), w, Tensor.of(backend, Shape.SCALAR, 1), Tensor.of(backend, Shape.SCALAR, 0));
            assertThatThrownBy(() -> tape.gradients(y, List.of(x))).hasMessageContaining("needs tensor[] at version 0");
        }
    }

    @Test
    void aBodyThatChangesStateIsRefused() {
        try (Scope scope = Scope.open(); Tape tape = Tape.open()) {
            Tensor w = Tensor.of(backend, Shape.SCALAR, 5).named("w");
            Parameter state = new Parameter("state", Tensor.of(backend, Shape.SCALAR, 1), scope);
            assertThatThrownBy(() -> Tape.checkpointed(() -> {
                Tensor.update(new Kernel.Sgd(0.1, 0, 0), w, w.mul(2), w.mul(0));
                return w.square();
            })).hasMessageContaining("changes w[] in place by sgd");
            assertThatThrownBy(() -> Tape.checkpointed(() -> {
                state.replace(w.mul(2));
                return w.square();
            })).hasMessageContaining("changes state, as what updates its own state");
            assertThat(tape.gradients(w.square(), List.of(w)).of(w).item()).isEqualTo(10);
        }
    }
}
