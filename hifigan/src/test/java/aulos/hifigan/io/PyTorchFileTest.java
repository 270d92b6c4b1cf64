// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import aulos.engine.NdArray;
import aulos.engine.Shape;
import aulos.engine.io.Safetensors;
import aulos.hifigan.testing.Python;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PyTorchFileTest {
    private static final byte[] FLOATS = PickleBytes.floats(0, 1, 2, 3, 4, 5);

    @TempDir
    private Path folder;

    @Test
    void whatIsWrittenIsReadBack() throws IOException {
        Map<Object, Object> tree = sample();
        Path file = folder.resolve("do_00000001");
        PyTorchFile.write(file, tree);
        Map<?, ?> read = (Map<?, ?>) PyTorchFile.read(file);

        assertThat(read.keySet()).isEqualTo(tree.keySet());
        assertThat(read).isNotInstanceOf(OrderedDict.class);
        Map<?, ?> weights = (Map<?, ?>) read.get("weights");
        assertThat(weights).isInstanceOf(OrderedDict.class);
        assertThat(((NdArray) weights.get("v")).shape()).isEqualTo(Shape.of(2, 3));
        assertThat(((NdArray) weights.get("v")).floats()).containsExactly(1, -2, Float.NaN, 0.1f, Float.MIN_VALUE, 3e38f);
        assertThat(((NdArray) weights.get("scalar")).doubles()).containsExactly(Math.PI);
        assertThat(((NdArray) weights.get("same")).floats()).isSameAs(((NdArray) weights.get("v")).floats());
        assertThat(read.get("betas")).isInstanceOf(PyTuple.class).isEqualTo(List.of(0.8, 0.99));
        assertThat(read.get("list")).isInstanceOf(ArrayList.class)
                .isEqualTo(Arrays.asList(true, false, null, "é\n", Long.MIN_VALUE, -1L, 1L << 40));
        assertThat(read.get("state")).isEqualTo(Map.of(0L, Map.of(), 1L << 33, List.of()));
    }

    private static Map<Object, Object> sample() {
        OrderedDict weights = new OrderedDict();
        NdArray v = NdArray.of(Shape.of(2, 3), 1f, -2f, Float.NaN, 0.1f, Float.MIN_VALUE, 3e38f);
        weights.put("v", v);
        weights.put("scalar", NdArray.of(Shape.SCALAR, Math.PI));
        weights.put("same", v);
        Map<Object, Object> tree = new LinkedHashMap<>();
        tree.put("weights", weights);
        tree.put("betas", new PyTuple(0.8, 0.99));
        tree.put("list", Arrays.asList(true, false, null, "é\n", Long.MIN_VALUE, -1L, 1L << 40));
        tree.put("state", Map.of(0L, Map.of(), 1L << 33, List.of()));
        return tree;
    }

    @Test
    void dataLiesAlignedAndTheSameTreeGivesTheSameBytes() throws IOException {
        PyTorchFile.write(folder.resolve("a"), sample());
        PyTorchFile.write(folder.resolve("b"), sample());
        byte[] bytes = Files.readAllBytes(folder.resolve("a"));
        assertThat(bytes).isEqualTo(Files.readAllBytes(folder.resolve("b")));
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        String values = new String(PickleBytes.floats(1, -2), StandardCharsets.ISO_8859_1);
        assertThat(text.indexOf(values) % 64).isZero();
    }

    @Test
    void valuesThatNoCheckpointHasAreNamed() {
        Path file = folder.resolve("x");
        assertThatThrownBy(() -> PyTorchFile.write(file, Map.of("a", List.of(1L, 2))))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("'a.1' is a java.lang.Integer");
        assertThatThrownBy(() -> PyTorchFile.write(file, Map.of(1.5, 1L)))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("key");
        List<Object> cycle = new ArrayList<>();
        cycle.add(cycle);
        assertThatThrownBy(() -> PyTorchFile.write(file, cycle)).hasMessageContaining("deeper than 100");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void pytorchReadsWhatIsWritten() throws Exception {
        Optional<Python> python = Python.withTorch();
        assumeTrue(python.isPresent(), "no PyTorch");
        Path file = folder.resolve("g_00000001");
        PyTorchFile.write(file, sample());
        Path weightsOnly = folder.resolve("weights");
        PyTorchFile.write(weightsOnly, Map.of("generator", sample().get("weights"), "steps", 1L << 40));
        String script = """
                import sys, torch, math
                t = torch.load(sys.argv[1])
                assert type(t) is dict and list(t) == ['weights', 'betas', 'list', 'state'], t
                assert t['betas'] == (0.8, 0.99) and type(t['betas']) is tuple
                assert t['list'] == [True, False, None, '\\u00e9\\n', -2**63, -1, 2**40], t['list']
                assert t['list'][0] is True and t['state'] == {0: {}, 2**33: []}
                g = torch.load(sys.argv[2], weights_only=True)
                assert g['steps'] == 2**40
                for w in [t['weights'], g['generator']]:
                    assert type(w).__name__ == 'OrderedDict' and list(w) == ['v', 'scalar', 'same']
                    want = torch.tensor([[1, -2, float('nan')], [0.1, 1e-45, 3e38]], dtype=torch.float32)
                    assert w['v'].dtype == torch.float32 and w['v'].shape == (2, 3)
                    assert w['v'].numpy().tobytes() == want.numpy().tobytes()
                    assert w['same'].data_ptr() == w['v'].data_ptr()
                    s = w['scalar']
                    assert s.dtype == torch.float64 and s.shape == () and s.item() == math.pi
                """;
        assertThat(python.get().run(script, file.toString(), weightsOnly.toString())).isEmpty();
    }

    @Test
    void viewsAreFollowedInBothContainers() throws IOException {
        byte[] pickle = PickleBytes.protocol2().op(']', '(')
                .tensor("FloatStorage", "7", 6, 0, new int[] {3, 2}, new int[] {1, 3})
                .tensor("FloatStorage", "7", 6, 4, new int[] {2}, new int[] {1})
                .tensor("FloatStorage", "7", 6, 1, new int[] {2, 2}, new int[] {0, 3})
                .tensor("FloatStorage", "7", 6, 5, new int[] {}, new int[] {})
                .tensor("FloatStorage", "7", 6, 0, new int[] {1, 6}, new int[] {9999, 1})
                .op('e').stop();
        Path zip = PickleBytes.zip(folder.resolve("zip"), pickle, Map.of("data/7", FLOATS));
        Path legacy = PickleBytes.legacy(folder.resolve("legacy"), pickle, "7", 6, FLOATS);
        for (Path file : List.of(zip, legacy)) {
            List<?> read = (List<?>) PyTorchFile.read(file);
            assertThat(((NdArray) read.get(0)).floats()).containsExactly(0, 3, 1, 4, 2, 5);
            assertThat(((NdArray) read.get(1)).floats()).containsExactly(4, 5);
            assertThat(((NdArray) read.get(2)).floats()).containsExactly(1, 4, 1, 4);
            assertThat(((NdArray) read.get(3)).floats()).containsExactly(5);
            assertThat(((NdArray) read.get(3)).shape()).isEqualTo(Shape.SCALAR);
            assertThat(((NdArray) read.get(4)).shape()).isEqualTo(Shape.of(1, 6));
        }
    }

    @Test
    void everyStorageClassIsRead() throws IOException {
        byte[] data = {1, 0, (byte) 0x80, (byte) 0xBF, 0, 0, 0, 0};
        Map<String, double[]> expected = Map.of(
                "HalfStorage", new double[] {Math.pow(2, -24), -1.875, 0, 0},
                "BFloat16Storage", new double[] {Float.intBitsToFloat(1 << 16), -1, 0, 0},
                "FloatStorage", new double[] {Float.intBitsToFloat(0xBF800001), 0},
                "DoubleStorage", new double[] {Double.longBitsToDouble(0xBF800001L)},
                "LongStorage", new double[] {0xBF800001L},
                "IntStorage", new double[] {0xBF800001, 0},
                "ShortStorage", new double[] {1, (short) 0xBF80, 0, 0},
                "CharStorage", new double[] {1, 0, -128, -65, 0, 0, 0, 0},
                "ByteStorage", new double[] {1, 0, 128, 191, 0, 0, 0, 0},
                "BoolStorage", new double[] {1, 0, 1, 1, 0, 0, 0, 0});
        for (Map.Entry<String, double[]> entry : expected.entrySet()) {
            int length = entry.getValue().length;
            byte[] pickle = PickleBytes.protocol2()
                    .tensor(entry.getKey(), "0", length, 0, new int[] {length}, new int[] {1}).stop();
            Path file = PickleBytes.zip(folder.resolve("zip"), pickle, Map.of("data/0", data));
            NdArray read = (NdArray) PyTorchFile.read(file);
            assertThat(read.doubles()).as(entry.getKey()).containsExactly(entry.getValue());
            assertThat(read.isDouble()).isEqualTo(!List.of("HalfStorage", "BFloat16Storage", "FloatStorage")
                    .contains(entry.getKey()));
        }
    }

    @Test
    void parametersDefaultDictsAndLaterProtocolsAreRead() throws IOException {
        byte[] pickle = new PickleBytes().op(0x80, 4, 0x95).raw(new byte[8])
                .op(0x8c, 11).raw("collections".getBytes(StandardCharsets.US_ASCII))
                .op(0x8c, 11).raw("defaultdict".getBytes(StandardCharsets.US_ASCII)).op(0x93)
                .global("builtins", "dict").op(0x85, 'R', 0x94, '(')
                .text("size").global("torch", "Size").op('K', 2, 'M', 0, 1, 0x86, 0x85, 'R')
                .text("p").global("torch._utils", "_rebuild_parameter").op('(')
                .tensor("FloatStorage", "0", 6, 0, new int[] {6}, new int[] {1})
                .op(0x88).global("collections", "OrderedDict").op(')', 'R', 't', 'R')
                .text("self").op(0x8b, 2, 0, 0, 0, 0, 0xFF)
                .op('u').stop();
        Map<?, ?> read = (Map<?, ?>) PyTorchFile.read(
                PickleBytes.zip(folder.resolve("zip"), pickle, Map.of("data/0", FLOATS, "byteorder", "little".getBytes(
                        StandardCharsets.US_ASCII))));
        assertThat(read.get("size")).isEqualTo(List.of(2L, 256L));
        assertThat(((NdArray) read.get("p")).floats()).containsExactly(0, 1, 2, 3, 4, 5);
        assertThat(read.get("self")).isEqualTo(-256L);
    }

    @Test
    void goldenOptimiserStateIsRead() throws IOException {
        Map<?, ?> read = (Map<?, ?>) PyTorchFile.read(Golden.file("checkpoints/do_00000004"));
        Map<String, NdArray> expected =
                Safetensors.read(Golden.file("checkpoints/expected_optim_g.safetensors"));
        Map<?, ?> optimiser = (Map<?, ?>) read.get("optim_g");
        Map<?, ?> state = (Map<?, ?>) optimiser.get("state");
        assertThat(read.keySet().stream().map(Object::toString))
                .containsExactly("mpd", "msd", "optim_g", "optim_d", "steps", "epoch");
        assertThat(read.get("mpd")).isInstanceOf(OrderedDict.class);
        assertThat(expected).isNotEmpty();
        expected.forEach((name, array) -> {
            String[] path = name.split("/", -1);
            NdArray got = (NdArray) ((Map<?, ?>) state.get(Long.valueOf(path[1]))).get(path[2]);
            assertThat(got.shape()).isEqualTo(array.shape());
            assertThat(got.floats()).as(name).isEqualTo(array.floats());
        });
        Map<?, ?> group = (Map<?, ?>) ((List<?>) optimiser.get("param_groups")).getFirst();
        assertThat(group.get("betas")).isEqualTo(List.of(0.8, 0.99));
        assertThat(group.get("params")).asInstanceOf(InstanceOfAssertFactories.LIST).hasSize(234);
    }
}
