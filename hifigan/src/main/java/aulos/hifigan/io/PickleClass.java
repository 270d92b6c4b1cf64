// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.io;

import aulos.engine.io.Dtype;
import aulos.engine.io.InputFile;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The Python classes and functions that a checkpoint may name, and what calling them gives here. Nothing else is run.
 */
enum PickleClass {
    ORDERED_DICT("collections.OrderedDict"),
    DEFAULT_DICT("collections.defaultdict"),
    DICT("builtins.dict"),
    PYTHON2_DICT("__builtin__.dict"),
    SIZE("torch.Size"),
    TENSOR("torch._utils._rebuild_tensor"),
    TENSOR_V2("torch._utils._rebuild_tensor_v2"),
    PARAMETER("torch._utils._rebuild_parameter"),
    FLOAT_STORAGE("torch.FloatStorage"),
    DOUBLE_STORAGE("torch.DoubleStorage"),
    HALF_STORAGE("torch.HalfStorage"),
    BFLOAT16_STORAGE("torch.BFloat16Storage"),
    LONG_STORAGE("torch.LongStorage"),
    INT_STORAGE("torch.IntStorage"),
    SHORT_STORAGE("torch.ShortStorage"),
    CHAR_STORAGE("torch.CharStorage"),
    BYTE_STORAGE("torch.ByteStorage"),
    BOOL_STORAGE("torch.BoolStorage");

    /** PyTorch's own limit; it also keeps a pickle from having one long tuple copied again and again. */
    private static final int MAX_DIMS = 64;
    private static final Map<String, PickleClass> BY_NAME =
            Arrays.stream(values()).collect(Collectors.toMap(PickleClass::pythonName, Function.identity()));

    private final String pythonName;

    PickleClass(String pythonName) {
        this.pythonName = pythonName;
    }

    /** @throws IOException for every class or function but these */
    static PickleClass named(String module, String name) throws IOException {
        PickleClass found = BY_NAME.get(module + "." + name);
        if (found == null) {
            throw new IOException("the pickle asks for " + InputFile.quote(module + "." + name)
                    + "; a checkpoint may only hold tensors, OrderedDict, defaultdict, dict and torch.Size, no whole "
                    + "model: save its weights alone, torch.save({'generator': model.state_dict()}, 'g_00000000')");
        }
        return found;
    }

    String pythonName() {
        return pythonName;
    }

    /** The element type, if this is a storage class. */
    Dtype dtype() throws IOException {
        return switch (this) {
            case FLOAT_STORAGE -> Dtype.F32;
            case DOUBLE_STORAGE -> Dtype.F64;
            case HALF_STORAGE -> Dtype.F16;
            case BFLOAT16_STORAGE -> Dtype.BF16;
            case LONG_STORAGE -> Dtype.I64;
            case INT_STORAGE -> Dtype.I32;
            case SHORT_STORAGE -> Dtype.I16;
            case CHAR_STORAGE -> Dtype.I8;
            case BYTE_STORAGE -> Dtype.U8;
            case BOOL_STORAGE -> Dtype.BOOL;
            case ORDERED_DICT, DEFAULT_DICT, DICT, PYTHON2_DICT, SIZE, TENSOR, TENSOR_V2, PARAMETER ->
                throw new IOException("the pickle takes " + pythonName + " for a storage class");
        };
    }

    /** What Python would get from calling this with {@code arguments}. */
    Object call(PyTuple arguments) throws IOException {
        return switch (this) {
            case ORDERED_DICT -> {
                expect(arguments.isEmpty(), arguments);
                yield new OrderedDict();
            }
            case DEFAULT_DICT -> {
                expect(arguments.isEmpty() || (arguments.size() == 1
                        && (arguments.get(0) == null || arguments.get(0) instanceof PickleClass)), arguments);
                yield new LinkedHashMap<>();
            }
            case DICT, PYTHON2_DICT -> {
                expect(arguments.isEmpty(), arguments);
                yield new LinkedHashMap<>();
            }
            case SIZE -> {
                expect(arguments.size() == 1 && arguments.get(0) instanceof List<?> dims && dims.size() <= MAX_DIMS,
                        arguments);
                yield new PyTuple(((List<?>) arguments.get(0)).toArray());
            }
            case TENSOR, TENSOR_V2 -> tensor(arguments);
            case PARAMETER -> {
                expect(!arguments.isEmpty() && arguments.get(0) instanceof TensorView, arguments);
                yield arguments.get(0);
            }
            case FLOAT_STORAGE, DOUBLE_STORAGE, HALF_STORAGE, BFLOAT16_STORAGE, LONG_STORAGE, INT_STORAGE,
                    SHORT_STORAGE, CHAR_STORAGE, BYTE_STORAGE, BOOL_STORAGE ->
                throw new IOException("the pickle calls " + pythonName + ", which it may only name");
        };
    }

    /**
     * storage, offset, size, stride[, requires_grad, backward_hooks[, metadata]]: the metadata says that the values are
     * to be negated or conjugated, which no checkpoint here has.
     */
    private TensorView tensor(PyTuple arguments) throws IOException {
        expect(arguments.size() >= 4 && arguments.size() <= 7, arguments);
        expect(arguments.get(0) instanceof Storage, arguments);
        expect(arguments.get(1) instanceof Long, arguments);
        expect(arguments.size() < 7 || arguments.get(6) == null
                || (arguments.get(6) instanceof Map<?, ?> metadata && metadata.isEmpty()), arguments);
        return new TensorView((Storage) arguments.get(0), (long) arguments.get(1), longs(arguments, 2),
                longs(arguments, 3));
    }

    private List<Long> longs(PyTuple arguments, int index) throws IOException {
        expect(arguments.get(index) instanceof PyTuple tuple && tuple.size() <= MAX_DIMS
                && tuple.stream().allMatch(Long.class::isInstance),
                arguments);
        return ((PyTuple) arguments.get(index)).stream().map(Long.class::cast).toList();
    }

    private void expect(boolean valid, PyTuple arguments) throws IOException {
        if (!valid) {
            throw new IOException("the pickle calls " + pythonName + " with " + arguments.size()
                    + " arguments of which at least one is none that torch.save writes");
        }
    }
}
