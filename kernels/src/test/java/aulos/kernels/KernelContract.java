// SPDX-License-Identifier: Apache-2.0
package aulos.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.Assertions.within;

import aulos.engine.Backend;
import aulos.engine.Kernel;
import aulos.engine.NdArray;
import aulos.engine.PointwiseFunction;
import aulos.engine.Shape;
import aulos.engine.reference.ReferenceBackend;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every kernel but the convolutions against the reference backend, and what else a backend promises. */
public abstract class KernelContract {
    private static final ReferenceBackend REFERENCE = new ReferenceBackend();

    static List<KernelCase> cases() {
        return KernelCase.all();
    }

    /** Backends that are to give the same bits, the same ones each time. */
    protected abstract List<? extends Backend> backends();

    protected abstract int liveBuffers(Backend backend);

    @ParameterizedTest
    @MethodSource("cases")
    void agreesWithTheReference(KernelCase test) {
        NdArray[] in = new NdArray[test.in().size()];
        Arrays.setAll(in, i -> NdArray.of(test.in().get(i), Samples.random(i + 1, test.in().get(i).size())));
        double[] expected = run(REFERENCE, test.kernel(), test.out(), in).doubles();
        float[] actual = run(backends().getFirst(), test.kernel(), test.out(), in).floats();
        boolean pointwise = test.kernel() instanceof Kernel.Pointwise;
        double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
        for (int i = 0; i < expected.length; i++) {
            double tolerance = pointwise ? 4e-7 * (1 + Math.abs(expected[i])) : 2e-6 * largest;
            boolean bothNaN = Float.isNaN(actual[i]) && Double.isNaN(expected[i]);
            if (!bothNaN && !(Math.abs(actual[i] - expected[i]) <= tolerance)) {
                fail("element %d of %s is %s, the reference has %s", i, test, actual[i], expected[i]);
            }
        }
        for (Backend backend : backends()) {
            float[] again = run(backend, test.kernel(), test.out(), in).floats();
            assertThat(Arrays.equals(again, actual)).as("same bits on %s", backend.description()).isTrue();
            assertThat(liveBuffers(backend)).isZero();
        }
    }

    /** Parameter and state are compared: both change in place. */
    @Test
    void optimisersStepInPlace() {
        for (Kernel kernel : List.of(new Kernel.Sgd(0.1, 0.9, 0.01), new Kernel.AdamW(0.1, 0.8, 0.99, 1e-8, 0.01, 3))) {
            Shape shape = Shape.of(3, 40_001);
            int state = kernel instanceof Kernel.Sgd ? 1 : 2;
            List<NdArray> expected = step(REFERENCE, kernel, shape, state);
            List<NdArray> actual = step(backends().getFirst(), kernel, shape, state);
            for (int i = 0; i < expected.size(); i++) {
                for (int j = 0; j < shape.size(); j++) {
                    assertThat(actual.get(i).get(j)).as("%s, %s of %s", kernel, j, i)
                            .isCloseTo(expected.get(i).get(j), within(1e-6));
                }
            }
        }
    }

    /** The parameter, the gradient and the state after one step; second moments are positive. */
    private static List<NdArray> step(Backend backend, Kernel kernel, Shape shape, int state) {
        List<Backend.Operand> operands = new ArrayList<>();
        for (int i = 0; i < 2 + state; i++) {
            float[] values = Samples.random(i + 1, shape.size());
            for (int j = 0; i == 3 && j < values.length; j++) {
                values[j] = Math.abs(values[j]) + 0.1f;
            }
            operands.add(operand(backend, NdArray.of(shape, values)));
        }
        backend.run(kernel, operands.getFirst(), operands.subList(1, operands.size()).toArray(Backend.Operand[]::new));
        List<NdArray> after = operands.stream().map(operand -> backend.download(operand.buffer(), shape)).toList();
        operands.forEach(operand -> backend.free(operand.buffer()));
        return after;
    }

    @Test
    void longSumsStayExact() {
        float[] tenths = new float[3_000_001];
        Arrays.fill(tenths, 0.1f);
        NdArray sum = run(backends().getLast(), new Kernel.Sum(), Shape.of(1), NdArray.of(Shape.of(3_000_001), tenths));
        double expected = 3_000_001 * (double) 0.1f;
        assertThat(Math.abs(sum.get(0) / expected - 1)).isLessThan(1e-6);
    }

    @Test
    void uploadsFloat64AndDownloadsFloat32() {
        Backend backend = backends().getFirst();
        Backend.Buffer buffer = backend.allocate(2);
        backend.upload(buffer, NdArray.of(Shape.of(2), 1.0 / 3, -2));
        NdArray back = backend.download(buffer, Shape.of(2, 1));
        assertThat(back.isDouble()).isFalse();
        assertThat(back.floats()).containsExactly(1f / 3, -2);
        backend.free(buffer);
        assertThatThrownBy(() -> backend.free(buffer)).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("not live");
    }

    @Test
    void refusesBuffersThatAreTooSmall() {
        Backend backend = backends().getFirst();
        Backend.Buffer small = backend.allocate(3);
        Backend.Operand operand = new Backend.Operand(Shape.of(2, 2), small);
        Kernel abs = new Kernel.Pointwise(PointwiseFunction.ABS, 0, 0);
        assertThatThrownBy(() -> backend.run(abs, operand, operand)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("shape [2,2] has 4 elements, its buffer 3");
        assertThatThrownBy(() -> backend.upload(small, NdArray.of(Shape.of(2), 1f, 2f)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("float32[2] has 2 values, the buffer expects 3");
        backend.free(small);
    }

    /** Runs on an output that holds NaN before, so that an element left out shows. */
    private static NdArray run(Backend backend, Kernel kernel, Shape out, NdArray... in) {
        float[] nan = new float[out.size()];
        Arrays.fill(nan, Float.NaN);
        Backend.Operand y = operand(backend, NdArray.of(out, nan));
        Backend.Operand[] operands = Arrays.stream(in).map(x -> operand(backend, x)).toArray(Backend.Operand[]::new);
        backend.run(kernel, y, operands);
        NdArray result = backend.download(y.buffer(), out);
        backend.free(y.buffer());
        for (Backend.Operand operand : operands) {
            backend.free(operand.buffer());
        }
        return result;
    }

    private static Backend.Operand operand(Backend backend, NdArray values) {
        Backend.Buffer buffer = backend.allocate(values.shape().size());
        backend.upload(buffer, values);
        return new Backend.Operand(values.shape(), buffer);
    }
}
