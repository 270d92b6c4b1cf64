// SPDX-License-Identifier: Apache-2.0
package aulos.engine.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import aulos.engine.ConvSpec;
import aulos.engine.Fusion;
import aulos.engine.NdArray;
import aulos.engine.Scope;
import aulos.engine.Shape;
import aulos.engine.Tape;
import aulos.engine.Tensor;
import aulos.engine.reference.ReferenceBackend;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class LayerTest {
    private final ReferenceBackend backend = new ReferenceBackend();

    /** Two convolutions, named as a model names them. */
    private static final class Pair extends Layer {
        final Conv1dLayer first;
        final ConvTranspose1dLayer second;

        Pair(Weights weights) {
            super(weights);
            first = child(new Conv1dLayer(weights.at("first"), 2, 3, 5, ConvSpec.same(5, 1), WeightForm.WEIGHT_NORM));
            second = child(new ConvTranspose1dLayer(weights.at("second.0"), 3, 2, 4, new ConvSpec(2, 1, 1, 1),
                    WeightForm.WEIGHT_NORM));
        }
    }

    @Test
    void namesParametersAsTheStateDictDoes() {
        try (Scope model = Scope.unattached()) {
            Pair pair = new Pair(Weights.random(backend, model, 1));
            assertThat(pair.parameters().stream().map(p -> p.name() + p.tensor().shape())).containsExactly(
                    "first.bias[3]", "first.weight_g[3,1,1]", "first.weight_v[3,2,5]",
                    "second.0.bias[2]", "second.0.weight_g[3,1,1]", "second.0.weight_v[3,2,4]");
        }
        assertThat(backend.liveBuffers()).isZero();
    }

    @Test
    void startsAsPyTorchDoes() {
        try (Scope model = Scope.unattached()) {
            Map<String, NdArray> state = new Pair(Weights.random(backend, model, 1)).stateDict();
            assertThat(DoubleStream.of(state.get("first.weight_v").doubles()).map(Math::abs).max().getAsDouble())
                    .isBetween(0.5 / Math.sqrt(10), 1 / Math.sqrt(10));
            assertThat(DoubleStream.of(state.get("second.0.weight_v").doubles()).map(Math::abs).max().getAsDouble())
                    .isBetween(0.5 / Math.sqrt(8), 1 / Math.sqrt(8));
            double[] v = state.get("first.weight_v").doubles();
            double norm = Math.sqrt(DoubleStream.of(v).limit(10).map(x -> x * x).sum());
            assertThat(state.get("first.weight_g").get(0)).isCloseTo(norm, within(1e-7));
        }
    }

    @Test
    void loadsWhatItSaved() {
        try (Scope model = Scope.unattached()) {
            Map<String, NdArray> state = new Pair(Weights.random(backend, model, 1)).stateDict();
            Weights weights = Weights.of(backend, model, state);
            Map<String, NdArray> again = new Pair(weights).stateDict();
            weights.requireAllTaken();
            assertThat(again.get("first.weight_v").doubles()).isEqualTo(state.get("first.weight_v").doubles());
        }
    }

    @Test
    void refusesWeightsThatDoNotFit() {
        try (Scope model = Scope.unattached()) {
            Map<String, NdArray> state = new LinkedHashMap<>(new Pair(Weights.random(backend, model, 1)).stateDict());
            state.put("extra", NdArray.of(Shape.of(1), 1.0));
            Weights surplus = Weights.of(backend, model, state);
            new Pair(surplus);
            assertThatThrownBy(surplus::requireAllTaken)
                    .hasMessage("weights: 1 entries have no place in the model, among them extra");
            state.put("first.bias", NdArray.of(Shape.of(4), new double[4]));
            assertThatThrownBy(() -> new Pair(Weights.of(backend, model, state)))
                    .hasMessage("weights: first.bias has shape [4], the model expects [3]");
            state.remove("first.bias");
            assertThatThrownBy(() -> new Pair(Weights.of(backend, model, state)))
                    .hasMessage("weights: first.bias [3] is missing among the 6 entries");
        }
    }

    @Test
    void weightNormGivesEachRowTheLengthOfItsGain() {
        try (Scope scope = Scope.open()) {
            Tensor g = Tensor.of(backend, Shape.of(3, 1, 1), 10, 2, 1);
            Tensor v = Tensor.of(backend, Shape.of(3, 1, 2), 3, 4, 0, -0.5, 0, 0);
            double nan = Double.NaN; // as PyTorch: zeros have no direction
            assertThat(Tensor.apply(new aulos.engine.op.WeightNorm(), v, g).toArray().doubles())
                    .containsExactly(6, 8, 0, -2, nan, nan);
        }
    }

    @Test
    void forwardFreesItsIntermediates() {
        try (Scope model = Scope.unattached(); Scope scope = Scope.open()) {
            Pair pair = new Pair(Weights.random(backend, model, 1));
            Tensor x = Tensor.full(backend, Shape.of(1, 2, 7), 1);
            int before = backend.liveBuffers();
            Tensor y = pair.second.forward(pair.first.forward(x), Fusion.NONE.withInputSlope(0.1));
            assertThat(y.shape()).isEqualTo(Shape.of(1, 2, 14));
            assertThat(backend.liveBuffers() - before).as("the results of the two layers").isEqualTo(2);
        }
    }

    /** The values are those of PyTorch's SGD(lr=0.1, momentum=0.9, weight_decay=0.5), computed by hand. */
    @Test
    void gradientDescentGathersSpeed() {
        try (Scope scope = Scope.open()) {
            Parameter w = new Parameter("w", Tensor.of(backend, Shape.of(1), 2), scope);
            try (Sgd optimiser = new Sgd(List.of(w), 0.1, 0.9, 0.5)) {
                for (double expected : new double[] {2 - 0.1 * (4 + 1), 1.5 - 0.1 * (0.9 * 5 + 3 + 0.75)}) {
                    try (Tape tape = Tape.open()) {
                        optimiser.step(tape.gradients(w.tensor().square().sum(), optimiser.tensors()));
                    }
                    assertThat(w.tensor().item()).isCloseTo(expected, within(1e-12));
                }
            }
        }
    }

    @Test
    void linearLearnsALine() {
        try (Scope scope = Scope.open()) {
            Linear line = new Linear(Weights.random(backend, scope, 3).at("line"), 1, 1);
            assertThat(line.parameters().stream().map(p -> p.name() + p.tensor().shape()))
                    .containsExactly("line.weight[1,1]", "line.bias[1]");
            Tensor x = Tensor.of(backend, Shape.of(4, 1), -1, 0, 1, 2);
            Tensor y = x.mul(3).add(-0.5);
            try (Sgd optimiser = new Sgd(line.parameters(), 0.2)) {
                for (int step = 0; step < 200; step++) {
                    try (Tape tape = Tape.open()) {
                        optimiser.step(tape.gradients(line.forward(x).sub(y).square().mean(), optimiser.tensors()));
                    }
                }
            }
            assertThat(line.stateDict().get("line.weight").get(0)).isCloseTo(3, within(1e-9));
            assertThat(line.stateDict().get("line.bias").get(0)).isCloseTo(-0.5, within(1e-9));
        }
    }
}
