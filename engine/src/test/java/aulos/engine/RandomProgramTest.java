// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Programs drawn at random, of smooth ops, names, detached copies, inner tapes whose gradients go on in the program, and
 * steps forwards (tangents): their first and second derivatives against central differences in float64.
 */
class RandomProgramTest {
    private static final Shape SHAPE = Shape.of(2, 3);

    @Property(tries = 60, seed = "1128")
    void firstDerivatives(@ForAll long seed) {
        GradCheck.of(inputs -> new Program(seed).run(inputs)).step(1e-3).extrapolated().check(inputs(seed))
                .requireBelow(1e-7);
    }

    @Property(tries = 20, seed = "1128")
    void secondDerivatives(@ForAll long seed) {
        GradCheck.of(inputs -> new Program(seed).run(inputs)).order(2).step(1e-3).extrapolated().check(inputs(seed))
                .requireBelow(1e-7);
    }

    private static NdArray[] inputs(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return new NdArray[] {draw(random, SHAPE), draw(random, Shape.of(3)), draw(random, Shape.SCALAR)};
    }

    private static NdArray draw(SplittableRandom random, Shape shape) {
        return NdArray.of(shape, random.doubles(shape.size(), -1, 1).toArray());
    }

    /** Always the same for one seed; values stay near 1. */
    private static final class Program {
        private final SplittableRandom random;

        Program(long seed) {
            random = new SplittableRandom(~seed);
        }

        Tensor run(List<Tensor> inputs) {
            List<Tensor> values = new ArrayList<>(inputs);
            for (int i = 0; i < 8; i++) {
                values.add(step(values, 0));
            }
            return values.stream().map(value -> value.add(pick(inputs)).broadcastTo(SHAPE)).reduce(Tensor::add).orElseThrow();
        }

        private Tensor pick(List<Tensor> values) {
            return values.get(random.nextInt(values.size()));
        }

        private Tensor step(List<Tensor> values, int depth) {
            Tensor a = pick(values);
            Tensor b = pick(values);
            return switch (random.nextInt(depth < 2 ? 14 : 10)) {
                case 0 -> a.add(b);
                case 1 -> a.sub(b).mul(0.5);
                case 2 -> a.mul(b).tanh();
                case 3 -> a.tanh();
                case 4 -> a.mul(0.3).exp();
                case 5 -> a.div(b.square().add(1));
                case 6 -> a.square().add(1).sqrt();
                case 7 -> a.square().add(0.5).log();
                case 8 -> a.mean().mul(b).tanh();
                case 9 -> a.named("a").mul(b).named("b").tanh();
                case 10 -> innerGradient(values, a, depth, false);
                case 11 -> innerGradient(values, a, depth, true);
                case 12 -> innerTangent(values, a, depth);
                default -> withFlatParts(a);
            };
        }

        /** Times and plus 1, in which a detached copy and a flat op have a part. */
        private static Tensor withFlatParts(Tensor a) {
            return a.mul(a.detach().square().add(1).sign()).add(a.square().add(1).sign());
        }

        /** In a copy of {@code a}, of which nothing else was computed: so what the inner tape reads beside it is constant. */
        private Tensor innerGradient(List<Tensor> values, Tensor a, int depth, boolean differentiable) {
            Tensor v = a.mul(1);
            try (Tape inner = Tape.open()) {
                Tensor result = Tape.labelled("inner", () -> Scope.run(() -> step(List.of(v, pick(values)), depth + 1)));
                Tensor loss = result.mul(v).tanh().mean();
                Gradients gradients = differentiable ? inner.differentiableGradients(loss, List.of(v.named("w")))
                        : inner.gradients(loss, List.of(v));
                return gradients.of(v);
            }
        }

        private Tensor innerTangent(List<Tensor> values, Tensor a, int depth) {
            Tensor v = a.mul(1);
            try (Tape inner = Tape.open()) {
                Tensor result = Scope.run(() -> step(List.of(v, pick(values)), depth + 1).mul(v));
                return inner.tangent(result, List.of(v), List.of(v.mul(0.5)));
            }
        }
    }
}
