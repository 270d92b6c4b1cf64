// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import aulos.engine.Backend;
import aulos.engine.Backend.Operand;
import aulos.engine.Kernel;
import aulos.engine.NdArray;
import aulos.engine.Shape;
import aulos.engine.reference.ReferenceBackend;
import aulos.kernels.Samples;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Steps that are put off and made for many parameters at once. */
class AdamWTest {
    /** More than are made at once; sizes around a group's part. */
    private static final int PARAMETERS = 53;

    @Test
    void aNetworkIsFewLaunches() {
        try (OpenClBackend backend = Devices.open(); Backend reference = new ReferenceBackend()) {
            List<Operand[]> actual = network(backend);
            List<Operand[]> expected = network(reference);
            long before = backend.launches();
            for (int step = 1; step <= 2; step++) {
                Kernel kernel = new Kernel.AdamW(0.01, 0.8, 0.99, 1e-8, 0.01, step);
                for (int i = 0; i < PARAMETERS; i++) {
                    run(backend, kernel, actual.get(i));
                    run(reference, kernel, expected.get(i));
                }
            }
            // As an optimiser does with gradients, before anything asks for the result.
            actual.forEach(tensors -> backend.free(tensors[1].buffer()));
            for (int i = 0; i < PARAMETERS; i++) {
                compare(backend, actual.get(i)[0], reference, expected.get(i)[0]);
                compare(backend, actual.get(i)[2], reference, expected.get(i)[2]);
                compare(backend, actual.get(i)[3], reference, expected.get(i)[3]);
            }
            assertThat(backend.launches() - before).isEqualTo(6);
            assertThat(backend.liveBuffers()).isEqualTo(3 * PARAMETERS);
        }
    }

    /** The second step of one parameter waits for the first. */
    @Test
    void stepsOfOneParameterStayInOrder() {
        try (OpenClBackend backend = Devices.open(); Backend reference = new ReferenceBackend()) {
            Operand[] actual = tensors(backend, 7, 1500);
            Operand[] expected = tensors(reference, 7, 1500);
            Kernel kernel = new Kernel.AdamW(0.01, 0.8, 0.99, 1e-8, 0.01, 1);
            for (int step = 0; step < 3; step++) {
                run(backend, kernel, actual);
                run(reference, kernel, expected);
            }
            compare(backend, actual[0], reference, expected[0]);
        }
    }

    private static List<Operand[]> network(Backend backend) {
        List<Operand[]> network = new ArrayList<>();
        for (int i = 0; i < PARAMETERS; i++) {
            network.add(tensors(backend, i, 1 + i * 61 % 3100));
        }
        return network;
    }

    /** Parameter, gradient and moments, of which the second cannot be negative. */
    private static Operand[] tensors(Backend backend, int seed, int size) {
        Operand[] tensors = new Operand[4];
        for (int i = 0; i < 4; i++) {
            float[] values = Samples.random(4L * seed + i, size);
            for (int j = 0; i == 3 && j < size; j++) {
                values[j] = Math.abs(values[j]);
            }
            tensors[i] = new Operand(Shape.of(size), backend.allocate(size));
            backend.upload(tensors[i].buffer(), NdArray.of(Shape.of(size), values));
        }
        return tensors;
    }

    private static void run(Backend backend, Kernel kernel, Operand[] tensors) {
        backend.run(kernel, tensors[0], tensors[1], tensors[2], tensors[3]);
    }

    private static void compare(Backend backend, Operand actual, Backend reference, Operand expected) {
        float[] found = backend.download(actual.buffer(), actual.shape()).floats();
        double[] right = reference.download(expected.buffer(), expected.shape()).doubles();
        for (int i = 0; i < found.length; i++) {
            assertThat((double) found[i]).isCloseTo(right[i], within(2e-6));
        }
    }
}
