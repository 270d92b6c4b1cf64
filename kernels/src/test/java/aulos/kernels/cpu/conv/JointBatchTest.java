// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv;

import static org.assertj.core.api.Assertions.assertThat;

import aulos.engine.ConvSpec;
import aulos.engine.NdArray;
import aulos.engine.Scope;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import aulos.kernels.Samples;
import aulos.kernels.cpu.CpuBackend;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Convolutions of several inputs with one weight, computed together, have the bits of those computed one by one. */
@Tag("vector")
class JointBatchTest {
    private static Tensor tensor(CpuBackend backend, int seed, int... sizes) {
        Shape shape = Shape.of(sizes);
        return Tensor.of(backend, NdArray.of(shape, Samples.random(seed, shape.size())));
    }

    @ParameterizedTest
    @CsvSource({
        "2, 256, 10, 256, 5, 1, 1", // by nine products
        "3, 64, 21, 128, 5, 3, 1", // wide and strided
        "1, 64, 21, 128, 5, 3, 1",
        "2, 128, 9, 128, 41, 1, 4", // by Fourier transforms
        "2, 256, 9, 256, 41, 1, 4", // by 28 products
        "2, 128, 9, 1, 3, 1, 1",
        "2, 8, 5000, 8, 5, 1, 1", // not worth it
    })
    void givesTheBitsOfOneByOne(int batch, int in, int length, int out, int taps, int stride, int groups) {
        ConvSpec spec = new ConvSpec(stride, taps / 2, 1, groups);
        for (int threads = 1; threads <= 3; threads++) {
            try (CpuBackend backend = new CpuBackend(threads); Scope scope = Scope.open()) {
                Tensor weight = tensor(backend, 1, out, in / groups, taps);
                Tensor bias = tensor(backend, 2, out);
                List<Tensor> inputs = new ArrayList<>();
                for (int i = 0; i < 3; i++) {
                    inputs.add(tensor(backend, 3 + i, batch, in, length));
                }
                List<float[]> expected = values(inputs.stream().map(x -> x.conv1d(weight, bias, spec)).toList());
                int live = backend.liveBuffers();
                List<Tensor> outputs = new ArrayList<>();
                backend.together(() -> inputs.forEach(x -> outputs.add(x.conv1d(weight, bias, spec))));
                assertThat(backend.liveBuffers()).isEqualTo(live + inputs.size());
                List<float[]> actual = values(outputs);
                for (int i = 0; i < expected.size(); i++) {
                    assertThat(actual.get(i)).as(threads + " threads, output " + i).isEqualTo(expected.get(i));
                }
            }
        }
    }

    private static List<float[]> values(List<Tensor> tensors) {
        return tensors.stream().map(tensor -> tensor.toArray().floats()).toList();
    }

    /** What reads another's output, has another weight, bias or setting, or comes when a chain has begun, is apart. */
    @Test
    void otherConvolutionsGoBetween() {
        try (CpuBackend backend = new CpuBackend(2); Scope scope = Scope.open()) {
            ConvSpec spec = ConvSpec.same(5, 1);
            Tensor x = tensor(backend, 1, 1, 64, 20);
            Tensor y = tensor(backend, 2, 1, 64, 20);
            Tensor a = tensor(backend, 3, 64, 64, 5);
            Tensor b = tensor(backend, 4, 64, 64, 5);
            Tensor bias = tensor(backend, 5, 64);
            List<float[]> expected = values(mixed(x, y, a, b, bias, spec));
            List<Tensor> outputs = new ArrayList<>();
            backend.together(() -> outputs.addAll(mixed(x, y, a, b, bias, spec)));
            List<float[]> actual = values(outputs);
            for (int i = 0; i < expected.size(); i++) {
                assertThat(actual.get(i)).as("output " + i).isEqualTo(expected.get(i));
            }
        }
    }

    private static List<Tensor> mixed(Tensor x, Tensor y, Tensor a, Tensor b, Tensor bias, ConvSpec spec) {
        List<Tensor> outputs = new ArrayList<>();
        outputs.add(x.conv1d(a, spec));
        outputs.add(outputs.getLast().conv1d(a, spec));
        outputs.add(y.conv1d(a, spec));
        outputs.add(x.conv1d(b, spec));
        outputs.add(outputs.getLast().conv1d(a, spec));
        outputs.add(x.conv1d(b, bias, spec));
        outputs.add(y.conv1d(b, bias, spec));
        outputs.add(outputs.getLast().conv1d(b, bias, spec));
        outputs.add(y.conv1d(b, bias, ConvSpec.same(5, 2)));
        return outputs;
    }
}
