// SPDX-License-Identifier: Apache-2.0
package aulos.engine.transform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import aulos.engine.ConvSpec;
import aulos.engine.NdArray;
import aulos.engine.Scope;
import aulos.engine.Shape;
import aulos.engine.Tape;
import aulos.engine.Tensor;
import aulos.engine.op.OpCases;
import aulos.engine.reference.ReferenceBackend;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TransformsTest {
    private final ReferenceBackend backend = new ReferenceBackend();
    private Scope scope;

    @BeforeEach
    void open() {
        scope = Scope.open();
    }

    @AfterEach
    void close() {
        scope.close();
        assertThat(backend.liveBuffers()).isZero();
    }

    private Tensor scalar(double value) {
        return Tensor.of(backend, Shape.SCALAR, value);
    }

    private Tensor random(long seed, int... dims) {
        Shape shape = Shape.of(dims);
        return Tensor.of(backend, shape, new SplittableRandom(seed).doubles(shape.size(), -1, 1).toArray());
    }

    private static void assertClose(Tensor actual, double... expected) {
        double[] values = actual.toArray().doubles();
        assertThat(values).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            assertThat(values[i]).as("element %d", i).isCloseTo(expected[i], within(1e-11 * Math.max(1, Math.abs(expected[i]))));
        }
    }

    @Test
    void gradientsNestSixDeep() {
        UnaryOperator<Tensor> f = Tensor::tanh;
        for (int i = 0; i < 6; i++) {
            f = Transforms.grad(f);
        }
        // Derivatives of tanh are polynomials in t = tanh x: P'(t) = p'(t)·(1 − t²).
        double[] p = {0, 1};
        for (int i = 0; i < 6; i++) {
            double[] next = new double[p.length + 1];
            for (int k = 1; k < p.length; k++) {
                next[k - 1] += k * p[k];
                next[k + 1] -= k * p[k];
            }
            p = next;
        }
        double t = Math.tanh(0.4);
        double expected = 0;
        for (int k = p.length - 1; k >= 0; k--) {
            expected = expected * t + p[k];
        }
        assertClose(f.apply(scalar(0.4)), expected);
    }

    @Test
    void anInnerVariableIsNotTheOuterOneOfTheSameValue() {
        // d/dx [x · d/dy (x + y) at y = x] = 1: confusing the two would make it 2.
        UnaryOperator<Tensor> f = x -> x.mul(Transforms.grad(y -> x.add(y)).apply(x));
        assertClose(Transforms.grad(f).apply(scalar(3)), 1);
        // d/dx [x · ∂/∂y (x·y) at y = x] = d/dx x² = 2x
        assertClose(Transforms.grad(x -> x.mul(Transforms.grad(y -> x.mul(y)).apply(x))).apply(scalar(3)), 6);
    }

    @Test
    void valuesAndConstantsAndSeveralArguments() {
        Transforms.ValueAndGrad both = Transforms.valueAndGrad(x -> x.square().sum()).apply(random(1, 3));
        assertClose(both.value(), Arrays.stream(random(1, 3).toArray().doubles()).map(v -> v * v).sum());
        assertClose(both.gradient(), Arrays.stream(random(1, 3).toArray().doubles()).map(v -> 2 * v).toArray());
        Tensor outside = scalar(5).square();
        assertClose(Transforms.grad(x -> outside).apply(scalar(1)), 0);
        assertClose(Transforms.grad(x -> x).apply(scalar(1)), 1);
        List<Tensor> gradients = Transforms.grads(list -> list.get(0).mul(list.get(1).square()))
                .apply(List.of(scalar(2), scalar(3)));
        assertClose(gradients.get(0), 9);
        assertClose(gradients.get(1), 12);
    }

    @Test
    void aPullbackCanBeUsedAgainAndIsTheTransposeOfTheTangent() {
        UnaryOperator<Tensor> f = x -> x.matmul(random(3, 4, 5)).tanh();
        Tensor x = random(4, 2, 4);
        try (Transforms.Vjp vjp = Transforms.vjp(f, x)) {
            for (int seed = 0; seed < 3; seed++) {
                Tensor u = random(10 + seed, 2, 5);
                Tensor t = random(20 + seed, 2, 4);
                Transforms.Jvp jvp = Transforms.jvp(f, x, t);
                assertClose(jvp.value(), vjp.value().toArray().doubles());
                assertThat(jvp.tangent().mul(u).sum().item())
                        .isCloseTo(vjp.pullback(u).mul(t).sum().item(), within(1e-13));
            }
            assertThatThrownBy(() -> vjp.pullback(x)).hasMessageContaining("upstream gradient [2,4] against result [2,5]");
        }
    }

    static List<OpCases.Case> cases() {
        return OpCases.all();
    }

    /** Forward mode by transposition, vmap against one by one, and both within a gradient, for every op. */
    @ParameterizedTest
    @MethodSource("cases")
    void everyOpGoesThroughEveryTransform(OpCases.Case row) {
        List<NdArray> drawn = row.inputs(3);
        boolean fits = drawn.stream().allMatch(input -> input.shape().rank() < Shape.MAX_RANK)
                && row.op().shape(row.shapes()).rank() < Shape.MAX_RANK;
        for (int k = 0; k < drawn.size(); k++) {
            int argument = k;
            UnaryOperator<Tensor> f = x -> {
                List<Tensor> inputs = new ArrayList<>();
                for (int i = 0; i < drawn.size(); i++) {
                    inputs.add(i == argument ? x : Tensor.of(backend, drawn.get(i)));
                }
                return row.apply(inputs);
            };
            Tensor x = Tensor.of(backend, drawn.get(k));
            Tensor t = Tensor.of(backend, row.inputs(8).get(k));
            Transforms.Jvp jvp = Transforms.jvp(f, x, t);
            try (Transforms.Vjp vjp = Transforms.vjp(f, x)) {
                Tensor u = jvp.value().mul(0.7).detach();
                double expected = vjp.pullback(u).mul(t).sum().item();
                assertThat(jvp.tangent().mul(u).sum().item())
                        .isCloseTo(expected, within(1e-12 * Math.max(1, Math.abs(expected))));
            }
            if (fits) {
                Tensor two = Tensor.concat(0, row(x), row(t));
                assertSame(Transforms.vmap(f).apply(two), f.apply(x), f.apply(t));
                UnaryOperator<Tensor> g = Transforms.grad(z -> f.apply(z).square().sum());
                assertSame(Transforms.vmap(g).apply(two), g.apply(x), g.apply(t));
            }
        }
    }

    private static Tensor row(Tensor x) {
        return x.reshape(Vmap.Examples.join(1, x.shape()));
    }

    private static void assertSame(Tensor batch, Tensor... examples) {
        for (int i = 0; i < examples.length; i++) {
            assertClose(Vmap.Examples.of(batch, i), examples[i].toArray().doubles());
        }
    }

    @Test
    void hessiansAndTheirProducts() {
        UnaryOperator<Tensor> f = x -> x.square().mul(x).sum().add(x.slice(0, 0, 1).mul(x.slice(0, 1, 2)).sum());
        Tensor x = Tensor.of(backend, Shape.of(3), 1, 2, -1);
        assertClose(Transforms.hessian(f).apply(x), 6, 1, 0, 1, 12, 0, 0, 0, -6);
        assertClose(Transforms.hvp(f, x, Tensor.of(backend, Shape.of(3), 1, 10, 100)), 16, 121, -600);
        assertClose(Transforms.jacobian(y -> y.slice(0, 0, 2).square()).apply(x), 2, 0, 0, 0, 4, 0);
        assertThat(Transforms.jacobian(Transforms.hessian(f)).apply(x).shape()).isEqualTo(Shape.of(3, 3, 3));
    }

    @Test
    void perExampleGradientsAreThoseOneByOne() {
        Tensor w = random(1, 3, 2, 3);
        Tensor xs = random(2, 4, 1, 2, 9);
        UnaryOperator<Tensor> one = x -> Transforms.grad(
                v -> x.conv1d(v, ConvSpec.same(3, 1)).leakyRelu(0.1).square().mean()).apply(w);
        Tensor batch = Transforms.vmap(one).apply(xs);
        assertThat(batch.shape()).isEqualTo(Shape.of(4, 3, 2, 3));
        assertSame(batch, one.apply(Vmap.Examples.of(xs, 0)), one.apply(Vmap.Examples.of(xs, 1)),
                one.apply(Vmap.Examples.of(xs, 2)), one.apply(Vmap.Examples.of(xs, 3)));
        Tensor jacobians = Transforms.vmap(Transforms.jacobian(x -> x.tanh().mul(x.sum()))).apply(random(5, 3, 2));
        assertThat(jacobians.shape()).isEqualTo(Shape.of(3, 2, 2));
        assertSame(jacobians, Transforms.jacobian(x -> x.tanh().mul(x.sum())).apply(Vmap.Examples.of(random(5, 3, 2), 0)));
    }

    @Test
    void vmapNestsAndIsDifferentiable() {
        Tensor a = random(1, 3);
        Tensor b = random(2, 4);
        Tensor outer = Transforms.vmap(x -> Transforms.vmap(y -> x.mul(y)).apply(b)).apply(a);
        assertClose(outer, a.reshape(3, 1).mul(b).toArray().doubles());
        UnaryOperator<Tensor> f = x -> Transforms.vmap(y -> y.square().mul(x.sum())).apply(x).sum();
        UnaryOperator<Tensor> plain = x -> x.square().mul(x.sum()).sum();
        assertClose(Transforms.grad(f).apply(a), Transforms.grad(plain).apply(a).toArray().doubles());
        assertClose(Transforms.hvp(f, a, a), Transforms.hvp(plain, a, a).toArray().doubles());
        assertClose(Transforms.vmapAll(list -> list.get(0).mul(list.get(1))).apply(List.of(a, a)),
                a.square().toArray().doubles());
    }

    @Test
    void vmapSeesWhatIsDetachedPausedAndConstant() {
        Tensor a = random(1, 3);
        UnaryOperator<Tensor> f = x -> x.mul(x.detach()).add(Tape.paused(x::exp)).add(Tensor.full(backend, Shape.SCALAR, 2));
        Tensor expected = a.square().add(a.exp()).add(2);
        assertClose(Transforms.vmap(f).apply(a), expected.toArray().doubles());
        assertClose(Transforms.grad(x -> Transforms.vmap(f).apply(x).sum()).apply(a), a.toArray().doubles());
        assertClose(Transforms.vmap(x -> scalar(7)).apply(a), 7, 7, 7);
    }

    @Test
    void vmapRefusesWhatItCannotSee() {
        Tensor a = random(1, 3);
        assertThatThrownBy(() -> Transforms.vmap(x -> x.mul(x.exp().item())).apply(a))
                .hasMessageContaining("vmap: the function reads values of exp[] on the host, which differ between examples");
        assertThatThrownBy(() -> Transforms.vmap(x -> x).apply(scalar(1)))
                .hasMessage("vmap: arguments [[]], expected first axes of one length");
    }
}
