// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import aulos.engine.reference.ReferenceBackend;
import aulos.engine.transform.Transforms;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Programs drawn at random, run whole on a tape; with their first part before the tape opens, on another thread or paused; in
 * checkpoints; for a batch; and forwards in tensors that depend on each other. A gradient is that of the whole, or refused,
 * and it is refused only if a part of it was cut off.
 */
class CutProgramTest {
    private static final Shape SHAPE = Shape.of(3);
    private static final int INPUTS = 3;
    private static final int STEPS = 9;

    private final ReferenceBackend backend = new ReferenceBackend();

    /** One op on two registers; the first {@link #INPUTS} registers are the inputs. */
    private record Step(int op, int a, int b) {
        Tensor run(List<Tensor> registers) {
            Tensor x = registers.get(a);
            Tensor y = registers.get(b);
            return switch (op) {
                case 0 -> x.add(y);
                case 1 -> x.mul(y).tanh();
                case 2 -> x.div(y.square().add(1));
                case 3 -> x.tanh();
                case 4 -> x.mul(0.3).exp();
                case 5 -> x.square().mean().mul(y).sin();
                case 6 -> x.mul(y.sign());
                default -> x.logSumExp(0).mul(y).tanh();
            };
        }

        /** The registers on which the result depends with a slope. */
        Set<Integer> from() {
            return op == 3 || op == 4 || op == 6 || a == b ? Set.of(a) : Set.of(a, b);
        }
    }

    private static List<Step> program(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return IntStream.range(0, STEPS)
                .mapToObj(i -> new Step(random.nextInt(8), random.nextInt(INPUTS + i), random.nextInt(INPUTS + i))).toList();
    }

    private List<Tensor> inputs(long seed) {
        SplittableRandom random = new SplittableRandom(~seed);
        List<Tensor> inputs = new ArrayList<>();
        for (int i = 0; i < INPUTS; i++) {
            inputs.add(Tensor.of(backend, NdArray.of(SHAPE, random.doubles(SHAPE.size(), -1, 1).toArray())));
        }
        return inputs;
    }

    private static void run(List<Step> steps, List<Tensor> registers) {
        steps.forEach(step -> registers.add(step.run(registers)));
    }

    private static Tensor result(List<Tensor> registers) {
        return registers.getLast().mul(registers.get(INPUTS + STEPS / 2)).sum();
    }

    private double[][] whole(List<Step> program, long seed) {
        try (Scope scope = Scope.open(); Tape tape = Tape.open()) {
            List<Tensor> registers = inputs(seed);
            List<Tensor> inputs = List.copyOf(registers);
            run(program, registers);
            Gradients gradients = tape.gradients(result(registers), inputs);
            return inputs.stream().map(input -> gradients.orZero(input).toArray().doubles()).toArray(double[][]::new);
        }
    }

    @Property(tries = 150, seed = "77")
    void cutOffIsRefused(@ForAll long seed) {
        List<Step> program = program(seed);
        double[][] right = whole(program, seed);
        int cut = 1 + (int) Math.floorMod(seed, STEPS);
        boolean elsewhere = seed % 2 == 0;
        try (Scope scope = Scope.open()) {
            List<Tensor> registers = inputs(seed);
            List<Tensor> inputs = List.copyOf(registers);
            List<Step> first = program.subList(0, cut);
            if (!elsewhere) {
                run(first, registers);
            }
            try (Tape tape = Tape.open()) {
                if (elsewhere) {
                    CompletableFuture.runAsync(() -> {
                        try (Scope own = Scope.open()) {
                            run(first, registers);
                            registers.forEach(scope::adopt);
                        }
                    }).join();
                }
                inputs.forEach(Tensor::exp); // the tape has seen them all
                run(program.subList(cut, STEPS), registers);
                Gradients gradients = tape.gradients(result(registers), inputs);
                for (int i = 0; i < INPUTS; i++) {
                    double[] found = orNull(gradients, inputs.get(i));
                    assertThat(found == null).as("input %d refused", i).isEqualTo(isCut(program, cut, i));
                    if (found != null) {
                        assertThat(found).containsExactly(right[i], within(1e-12));
                    }
                }
            }
        }
    }

    private static double[] orNull(Gradients gradients, Tensor input) {
        try {
            return gradients.of(input).toArray().doubles();
        } catch (IllegalStateException refused) {
            assertThat(refused).hasMessageContaining("would be incomplete");
            return null;
        }
    }

    /** Whether the result depends on a register of the first part that was computed from the input, in whatever way. */
    private static boolean isCut(List<Step> program, int cut, int input) {
        Set<Integer> computed = new HashSet<>();
        for (int i = 0; i < cut; i++) {
            Step step = program.get(i);
            boolean reads = step.a == input || computed.contains(step.a) || step.op != 3 && step.op != 4
                    && (step.b == input || computed.contains(step.b));
            if (reads) {
                computed.add(INPUTS + i);
            }
        }
        Set<Integer> needed = new HashSet<>(Set.of(INPUTS + STEPS - 1, INPUTS + STEPS / 2));
        for (int i = STEPS - 1; i >= cut; i--) {
            if (needed.contains(INPUTS + i)) {
                needed.addAll(program.get(i).from());
            }
        }
        needed.removeIf(register -> register >= INPUTS + cut);
        needed.retainAll(computed);
        return !needed.isEmpty();
    }

    @Property(tries = 60, seed = "78")
    void checkpointsChangeNothing(@ForAll long seed) {
        List<Step> program = program(seed);
        double[][] right = whole(program, seed);
        try (Scope scope = Scope.open(); Tape tape = Tape.open()) {
            List<Tensor> registers = inputs(seed);
            List<Tensor> inputs = List.copyOf(registers);
            for (Step step : program) {
                List<Tensor> before = List.copyOf(registers);
                registers.add(Tape.checkpointed(() -> Tape.checkpointed(() -> step.run(before)).mul(1)));
            }
            Gradients gradients = tape.gradients(result(registers), inputs);
            for (int i = 0; i < INPUTS; i++) {
                assertThat(gradients.orZero(inputs.get(i)).toArray().doubles()).containsExactly(right[i], within(1e-12));
            }
        }
    }

    @Property(tries = 60, seed = "79")
    void tangentsInTensorsThatDependOnEachOther(@ForAll long seed) {
        List<Step> program = program(seed);
        try (Scope scope = Scope.open(); Tape tape = Tape.open()) {
            List<Tensor> registers = inputs(seed);
            List<Tensor> asked = new ArrayList<>(registers.subList(0, 2));
            run(program, registers);
            asked.add(registers.get(INPUTS + 2));
            asked.add(registers.get(0));
            Tensor y = result(registers);
            asked.forEach(Tensor::exp); // the tape has seen them all
            List<Tensor> directions = asked.stream().map(Tensor::cos).toList();
            double forward = tape.tangent(y, asked, directions).item();
            Gradients gradients = tape.gradients(y, asked);
            double reverse = 0;
            for (int i = 0; i < asked.size(); i++) {
                reverse += gradients.of(asked.get(i)).mul(directions.get(i)).sum().item();
            }
            assertThat(forward).isCloseTo(reverse, within(1e-12 * (1 + Math.abs(reverse))));
        }
    }

    @Property(tries = 40, seed = "80")
    void batchesAreTheirExamples(@ForAll long seed) {
        List<Step> program = program(seed);
        try (Scope scope = Scope.open()) {
            List<Tensor> inputs = inputs(seed);
            Tensor batch = Tensor.concat(0, inputs.stream().map(input -> input.reshape(1, 3)).toArray(Tensor[]::new));
            IntFunction<Tensor> constant = i -> inputs.get(i).square();
            Tensor all = Transforms.vmap(Transforms.grad(x -> {
                List<Tensor> registers = new ArrayList<>(List.of(x, constant.apply(1), constant.apply(2)));
                run(program, registers);
                return result(registers);
            })).apply(batch);
            for (int example = 0; example < INPUTS; example++) {
                Tensor one = Transforms.grad(x -> {
                    List<Tensor> registers = new ArrayList<>(List.of(x, constant.apply(1), constant.apply(2)));
                    run(program, registers);
                    return result(registers);
                }).apply(inputs.get(example));
                assertThat(all.slice(0, example, example + 1).toArray().doubles())
                        .containsExactly(one.toArray().doubles(), within(1e-12));
            }
        }
    }
}
