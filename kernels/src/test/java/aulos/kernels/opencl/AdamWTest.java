// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import aulos.engine.Backend;
import aulos.engine.Backend.Operand;
import aulos.engine.Kernel;
import aulos.engine.NdArray;
import aulos.engine.Shape;
import aulos.engine.reference.ReferenceBackend;
import aulos.kernels.Samples;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jocl.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    /** The most that a device may take: the same bits as with fewer at a time, and no argument is set in later steps. */
    @ParameterizedTest
    @ValueSource(ints = {24, 120, 256})
    void manyAtATimeHaveTheSameBits(int atOnce) {
        DeviceInfo device = Devices.info();
        // PoCL takes more than it says.
        assumeTrue(device.isCpu() || atOnce <= AdamW.atOnce(device.maxParameterBytes()), "a device that takes so many");
        try (OpenClBackend backend = Devices.open(); Queue queue = new Queue(device, ProgramFiles.usual())) {
            List<Operand[]> expected = network(backend);
            DevicePool pool = new DevicePool(queue);
            AdamW adamW = new AdamW(queue, pool, atOnce);
            List<Operand[]> actual = new ArrayList<>();
            for (Operand[] tensors : expected) {
                actual.add(copies(backend, tensors, queue, pool));
            }
            long launches = queue.launches();
            for (int step = 1; step <= 4; step++) {
                Kernel.AdamW kernel = new Kernel.AdamW(0.01, 0.8, 0.99, 1e-8, 0.01, step);
                long set = queue.argumentsSet();
                for (int i = 0; i < PARAMETERS; i++) {
                    run(backend, kernel, expected.get(i));
                    Operand[] t = actual.get(i);
                    adamW.add(kernel, t[0], t[1], t[2], t[3]);
                }
                adamW.flush();
                assertThat(step > 2 ? queue.argumentsSet() - set : 0).isZero();
            }
            assertThat(queue.launches() - launches).isEqualTo(4L * Math.ceilDiv(PARAMETERS, atOnce));
            for (int i = 0; i < PARAMETERS; i++) {
                for (int j = 0; j < 4; j++) {
                    Operand right = expected.get(i)[j];
                    float[] found = new float[right.shape().size()];
                    queue.read(OpenClBackend.memory(actual.get(i)[j]), found);
                    assertThat(found).isEqualTo(backend.download(right.buffer(), right.shape()).floats());
                }
            }
            pool.clear();
        }
    }

    @Test
    void aLaunchTakesAsManyAsTheDeviceHasArgumentsFor() {
        assertThat(LongStream.of(0, 1024, 4352, 32764).mapToObj(AdamW::atOnce)).containsExactly(24, 24, 120, 256);
    }

    private static Operand[] copies(OpenClBackend backend, Operand[] tensors, Queue queue, DevicePool pool) {
        return Stream.of(tensors).map(tensor -> {
            OpenClBuffer copy = pool.take(tensor.shape().size());
            queue.write(copy.memory, Pointer.to(backend.download(tensor.buffer(), tensor.shape()).floats()),
                    (long) Float.BYTES * tensor.shape().size());
            return new Operand(tensor.shape(), copy);
        }).toArray(Operand[]::new);
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
