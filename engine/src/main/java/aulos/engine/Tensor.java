// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import aulos.engine.io.Safetensors;
import aulos.engine.op.BroadcastTo;
import aulos.engine.op.Concat;
import aulos.engine.op.Conv1d;
import aulos.engine.op.ConvTranspose1d;
import aulos.engine.op.Frame;
import aulos.engine.op.Gather;
import aulos.engine.op.HostOp;
import aulos.engine.op.Matmul;
import aulos.engine.op.Max;
import aulos.engine.op.MeanAbsoluteError;
import aulos.engine.op.Op;
import aulos.engine.op.OverlapAdd;
import aulos.engine.op.Pad;
import aulos.engine.op.Permute;
import aulos.engine.op.Pointwise;
import aulos.engine.op.RealDft;
import aulos.engine.op.ReflectPad;
import aulos.engine.op.Reshape;
import aulos.engine.op.Slice;
import aulos.engine.op.Sum;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * An immutable array on a backend, float32 (float64 on the reference backend), dense and row-major. Every method runs at
 * once; its result belongs to the innermost open {@link Scope}, and is recorded on every open {@link Tape} that is not
 * paused. Only optimisers change a tensor in place ({@link #update}), and then it has another version.
 * Axes may be negative, counted from the end. A shape that does not fit is an {@link IllegalArgumentException} that names
 * the op, what it was given and what it expected.
 */
public final class Tensor {
    private final Shape shape;
    private final Storage storage;
    private final String name;
    /** The tensor that this one is another name of; null if it is none. */
    private final Tensor renamed;

    private Tensor(Shape shape, Storage storage, String name, Tensor renamed) {
        this.shape = shape;
        this.storage = storage;
        this.name = name;
        this.renamed = renamed;
    }

    // --- in and out -------------------------------------------------------------------------------------------------

    /** Copies an array to a backend. */
    public static Tensor of(Backend backend, NdArray array) {
        Tensor tensor = allocate(backend, array.shape(), null, Tape.label(), new Past());
        backend.upload(tensor.storage.buffer(), array);
        Tape.tell(observer -> observer.uploaded(tensor, array));
        return tensor;
    }

    public static Tensor of(Backend backend, Shape shape, double... values) {
        return of(backend, NdArray.of(shape, values));
    }

    /** A tensor full of one value. */
    public static Tensor full(Backend backend, Shape shape, double value) {
        double[] values = new double[shape.size()];
        Arrays.fill(values, value);
        return of(backend, NdArray.of(shape, values));
    }

    /**
     * Writes tensors under their names into a safetensors file: float32, or float64 on a backend that computes in it. PyTorch
     * reads it with {@code safetensors.torch.load_file}.
     *
     * @throws IOException if the file cannot be written; then nothing is left behind, and what was there is as it was
     */
    public static void save(Path file, Map<String, Tensor> tensors) throws IOException {
        Map<String, NdArray> arrays = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> arrays.put(name, tensor.toArray()));
        Safetensors.write(file, arrays, Map.of());
    }

    /**
     * Reads a safetensors file onto a backend, each tensor under its name, which {@link #name} gives too.
     *
     * @throws IOException as {@link Safetensors#read(Path)} does
     */
    public static Map<String, Tensor> load(Backend backend, Path file) throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (Map.Entry<String, NdArray> entry : Safetensors.read(file).entrySet()) {
            tensors.put(entry.getKey(), of(backend, entry.getValue()).named(entry.getKey()));
        }
        return tensors;
    }

    /** Copies the values to the host, in the backend's precision; waits for what computes them. */
    public NdArray toArray() {
        requireAlive("toArray");
        Tape.tell(observer -> observer.downloaded(this));
        return storage.backend.download(storage.buffer(), shape);
    }

    /** The value of a tensor of one element. */
    public double item() {
        if (shape.size() != 1) {
            throw new IllegalStateException("item: " + describe() + " has " + shape.size() + " elements, expected 1");
        }
        return toArray().get(0);
    }

    public Shape shape() {
        return shape;
    }

    /** How much memory the values take. */
    public long bytes() {
        return (long) shape.size() * (backend().isDouble() ? Double.BYTES : Float.BYTES);
    }

    public Backend backend() {
        return storage.backend;
    }

    /** The name given with {@link #named}, or null. */
    public String name() {
        return name;
    }

    /** The same tensor under a name, which printed tapes show; gradients in it are those in this one. */
    public Tensor named(String newName) {
        return Scope.innermost().adopt(new Tensor(shape, storage, newName, original()));
    }

    /** The same values, but no gradient flows through: to a tape it is a new leaf. */
    public Tensor detach() {
        requireAlive("detach");
        Tensor copy = Scope.innermost().adopt(new Tensor(shape, storage.share(null, Tape.label(), new Past()), name, null));
        Tape.tell(observer -> observer.detached(this, copy));
        return copy;
    }

    /** The tensor that this one is another name of, or itself: what tapes know it by. */
    public Tensor original() {
        return renamed == null ? this : renamed;
    }

    // --- pointwise, broadcasting ------------------------------------------------------------------------------------

    public Tensor add(Tensor other) {
        return apply(new Pointwise.Add(), this, other);
    }

    public Tensor sub(Tensor other) {
        return apply(new Pointwise.Sub(), this, other);
    }

    public Tensor mul(Tensor other) {
        return apply(new Pointwise.Mul(), this, other);
    }

    public Tensor div(Tensor other) {
        return apply(new Pointwise.Div(), this, other);
    }

    public Tensor add(double value) {
        return apply(new Pointwise.Affine(1, value), this);
    }

    public Tensor mul(double factor) {
        return apply(new Pointwise.Affine(factor, 0), this);
    }

    public Tensor neg() {
        return mul(-1);
    }

    public Tensor square() {
        return mul(this);
    }

    public Tensor abs() {
        return apply(new Pointwise.Abs(), this);
    }

    public Tensor sign() {
        return apply(new Pointwise.Sign(), this);
    }

    public Tensor sqrt() {
        return apply(new Pointwise.Sqrt(), this);
    }

    public Tensor exp() {
        return apply(new Pointwise.Exp(), this);
    }

    /** Natural logarithm. */
    public Tensor log() {
        return apply(new Pointwise.Log(), this);
    }

    public Tensor tanh() {
        return apply(new Pointwise.Tanh(), this);
    }

    /** 1/(1 + e⁻ˣ). */
    public Tensor sigmoid() {
        return apply(new Pointwise.Sigmoid(), this);
    }

    public Tensor sin() {
        return apply(new Pointwise.Sin(), this);
    }

    public Tensor cos() {
        return apply(new Pointwise.Cos(), this);
    }

    /** xᵃ; NaN where x is negative and a is no whole number. */
    public Tensor pow(double exponent) {
        return apply(new Pointwise.Pow(exponent), this);
    }

    /** xᶻ for each element's own z. */
    public Tensor pow(Tensor exponent) {
        return apply(new Pointwise.Power(), this, exponent);
    }

    /** 1 where this is greater, else 0. */
    public Tensor greater(Tensor other) {
        return apply(new Pointwise.Greater(), this, other);
    }

    /** 1 where both are equal, else 0. */
    public Tensor equal(Tensor other) {
        return apply(new Pointwise.Equal(), this, other);
    }

    /**
     * {@code yes} where this is not 0, {@code no} where it is; all three broadcast. Whatever the other side holds there, NaN or
     * infinite, the value does not see it, and the gradient in that side is 0 there. What computed that side multiplies the 0 by
     * its own slope: by that of √x at 0, which is infinite, to NaN. So give it harmless numbers there, as in
     * {@code c.where(c.where(x, one).sqrt(), zero)} with c = x &gt; 0.
     */
    public Tensor where(Tensor yes, Tensor no) {
        return Composites.where(this, yes, no);
    }

    /** x where positive, slope·x elsewhere. */
    public Tensor leakyRelu(double slope) {
        return apply(new Pointwise.LeakyRelu(slope), this);
    }

    /** max(x, minimum). */
    public Tensor clampMin(double minimum) {
        return apply(new Pointwise.ClampMin(minimum), this);
    }

    // --- reductions -------------------------------------------------------------------------------------------------

    /** The sum of all elements, a scalar. */
    public Tensor sum() {
        return sum(IntStream.range(0, shape.rank()).toArray()).reshape();
    }

    /** Sums over some axes, which stay with dimension 1. */
    public Tensor sum(int... axes) {
        Shape target = reduced("sum", axes);
        return target.equals(shape) ? this : apply(new Sum(target), this);
    }

    /** This shape with 1 in some axes. */
    private Shape reduced(String op, int... axes) {
        Shape target = shape;
        for (int axis : axes) {
            target = target.with(Checks.axis(op, shape, axis), 1);
        }
        return target;
    }

    /** The largest element over some axes, which stay with dimension 1; a gradient is shared equally by all that are largest. */
    public Tensor max(int... axes) {
        Shape target = reduced("max", axes);
        return target.equals(shape) ? this : apply(new Max(target), this);
    }

    /** The smallest element over some axes, which stay with dimension 1; gradients as with {@link #max}. */
    public Tensor min(int... axes) {
        reduced("min", axes);
        return neg().max(axes).neg();
    }

    /** ln Σ eˣ over some axes, which stay with dimension 1, without overflow. */
    public Tensor logSumExp(int... axes) {
        return Composites.logSumExp(this, axes);
    }

    /** eˣ/Σ eˣ, the sum over one axis, without overflow. */
    public Tensor softmax(int axis) {
        return Composites.softmax(this, axis);
    }

    /** Sums over whatever broadcasting {@code target} to this shape would repeat: the adjoint of {@link #broadcastTo}. */
    public Tensor sumTo(Shape target) {
        return target.equals(shape) ? this : Composites.sumTo(this, target);
    }

    /** The mean of all elements, a scalar. */
    public Tensor mean() {
        return sum().mul(1.0 / shape.size());
    }

    /** The mean of |this − other| over all elements, a scalar; both have the same shape. */
    public Tensor meanAbsoluteError(Tensor other) {
        return apply(new MeanAbsoluteError(), this, other);
    }

    // --- shape ------------------------------------------------------------------------------------------------------

    public Tensor reshape(Shape target) {
        return target.equals(shape) ? this : apply(new Reshape(target), this);
    }

    public Tensor reshape(int... dims) {
        return reshape(Shape.of(dims));
    }

    public Tensor broadcastTo(Shape target) {
        return target.equals(shape) ? this : apply(new BroadcastTo(target), this);
    }

    /** Axis i of the result is axis {@code axes[i]} of this. */
    public Tensor permute(int... axes) {
        return apply(new Permute(Arrays.stream(axes).map(axis -> Checks.axis("permute", shape, axis)).boxed().toList()), this);
    }

    /** Elements {@code start} (inclusive) to {@code end} (exclusive) along an axis. */
    public Tensor slice(int axis, int start, int end) {
        return apply(new Slice(Checks.axis("slice", shape, axis), start, end), this);
    }

    /** The elements at {@code indices} along an axis, in that order; one may come more than once. */
    public Tensor gather(int axis, int... indices) {
        return apply(new Gather(Checks.axis("gather", shape, axis), Arrays.stream(indices).boxed().toList()), this);
    }

    /** Zeros added before and after along an axis. */
    public Tensor pad(int axis, int before, int after) {
        return apply(new Pad(Checks.axis("pad", shape, axis), before, after), this);
    }

    /** Mirrors the last axis at both ends without repeating the edge; each side must be shorter than the axis. */
    public Tensor reflectPad(int left, int right) {
        return apply(new ReflectPad(left, right), this);
    }

    /** One after the other along an axis. */
    public static Tensor concat(int axis, Tensor... parts) {
        Checks.present("concat", parts);
        return apply(new Concat(parts.length == 0 ? axis : Checks.axis("concat", parts[0].shape, axis)), parts);
    }

    // --- linear algebra and signals ---------------------------------------------------------------------------------

    /** Matrix product of the last two axes; rank 2, or rank 3 with equal first axes. */
    public Tensor matmul(Tensor other) {
        return matmul(other, false, false);
    }

    /** Matrix product with either side's last two axes swapped first. */
    public Tensor matmul(Tensor other, boolean transposeThis, boolean transposeOther) {
        return apply(new Matmul(transposeThis, transposeOther), this, other);
    }

    /** [.., T] → [.., F, size]: overlapping frames, {@code hop} apart, F = ⌊(T − size)/hop⌋ + 1. */
    public Tensor frame(int size, int hop) {
        return apply(new Frame(size, hop), this);
    }

    /** [.., F, size] → [.., length]: adds frames up at {@code hop} distance. */
    public Tensor overlapAdd(int hop, int length) {
        return apply(new OverlapAdd(Checks.dim("overlap_add", shape, -1), hop, length), this);
    }

    /** One-sided DFT of the last axis, [.., n] → [.., 2·(⌊n/2⌋+1)]: all real parts, then all imaginary parts. */
    public Tensor realDft() {
        return realDft(0);
    }

    /** As {@link #realDft()}, under a periodic Hann window of length {@code hann} in the middle of the axis. */
    public Tensor realDft(int hann) {
        return apply(new RealDft(Checks.dim("real_dft", shape, -1), hann), this);
    }

    // --- convolutions -----------------------------------------------------------------------------------------------

    /** Convolution (cross-correlation, as the field has it) of this [B, Cin, T] with w [Cout, Cin/groups, K]. */
    public Tensor conv1d(Tensor weight, ConvSpec spec) {
        return conv1d(weight, spec, Fusion.NONE);
    }

    public Tensor conv1d(Tensor weight, Tensor bias, ConvSpec spec) {
        return conv1d(weight, spec, Fusion.NONE.withBias(true), bias);
    }

    /** Convolution with pointwise work fused in; {@code extras} are the bias, if any, then the residuals. */
    public Tensor conv1d(Tensor weight, ConvSpec spec, Fusion fusion, Tensor... extras) {
        return apply(new Conv1d(spec, fusion), withExtras(weight, extras));
    }

    /** Transposed convolution of this [B, Cin, T] with w [Cin, Cout/groups, K]. */
    public Tensor convTranspose1d(Tensor weight, Tensor bias, ConvSpec spec) {
        return convTranspose1d(weight, spec, Fusion.NONE.withBias(true), bias);
    }

    /** Transposed convolution of the usual output length, with pointwise work fused in. */
    public Tensor convTranspose1d(Tensor weight, ConvSpec spec, Fusion fusion, Tensor... extras) {
        Checks.present("conv_transpose1d", this, weight);
        Checks.rank("conv_transpose1d", shape, 3);
        Checks.rank("conv_transpose1d", weight.shape, 3);
        int length = spec.transposedLength(shape.dim(-1), weight.shape.dim(-1));
        return apply(new ConvTranspose1d(spec, length, fusion), withExtras(weight, extras));
    }

    /** Mean of every window of {@code size} along the last axis of [B, C, T]; padded zeros count. */
    public Tensor averagePool1d(int size, int stride, int padding) {
        return Composites.averagePool1d(this, size, stride, padding);
    }

    private Tensor[] withExtras(Tensor weight, Tensor... extras) {
        List<Tensor> inputs = new ArrayList<>(Arrays.asList(this, weight));
        inputs.addAll(Arrays.asList(extras));
        return inputs.toArray(Tensor[]::new);
    }

    // --- running an op ----------------------------------------------------------------------------------------------

    /**
     * Runs an op: checks shapes, allocates the result in the innermost scope, runs the kernel and records it on the open
     * tapes. All the methods above come down to this; call it with an op of your own.
     *
     * @throws IllegalArgumentException if the inputs do not fit, naming the op, the inputs, what it expects and the label
     * @throws IllegalStateException if the scope of an input has freed it
     */
    public static Tensor apply(Op op, Tensor... inputs) {
        String label = Tape.label();
        List<Tensor> arguments = Checks.present(op.name(), inputs);
        List<Shape> shapes = arguments.stream().map(Tensor::shape).toList();
        Shape result = Checks.shape(op, shapes, label);
        Checks.backend(op.name(), arguments);
        Tape tape = Tape.innermost();
        boolean observed = tape != null && tape.isObserved();
        if (observed) {
            Tape.tell(observer -> observer.running(op, arguments));
        }
        Past past = Past.of(arguments, tape);
        Tensor output = op instanceof HostOp host ? onHost(host, arguments, result, label, past)
                : onBackend(op, arguments, result, label, past);
        if (observed) {
            Tape.tell(observer -> observer.ran(op, arguments, output));
        }
        if (tape != null) {
            tape.record(new Tape.Node(label, op, arguments, output));
        }
        return output;
    }

    private static Tensor onBackend(Op op, List<Tensor> inputs, Shape result, String label, Past past) {
        var kernel = op.kernel(inputs.stream().map(Tensor::shape).toList(), result);
        if (kernel.isEmpty()) {
            Storage shared = inputs.getFirst().storage.share(op, label, past);
            return Scope.innermost().adopt(new Tensor(result, shared, null, null));
        }
        Tensor output = allocate(inputs.getFirst().backend(), result, op, label, past);
        Backend.Operand[] operands = inputs.stream().map(Tensor::operand).toArray(Backend.Operand[]::new);
        output.backend().run(kernel.get(), output.operand(), operands);
        return output;
    }

    private static Tensor onHost(HostOp op, List<Tensor> inputs, Shape result, String label, Past past) {
        NdArray value = op.compute(inputs.stream()
                .map(input -> input.backend().download(input.storage.buffer(), input.shape)).toList());
        if (value == null || !value.shape().equals(result)) {
            throw new IllegalArgumentException(op.name() + ": its function gave "
                    + (value == null ? "null" : value.shape()) + " for inputs "
                    + inputs.stream().map(Tensor::shape).toList() + ", its shape rule gives " + result
                    + (label.isEmpty() ? "" : " (in " + label + ")"));
        }
        Tensor output = allocate(inputs.getFirst().backend(), result, op, label, past);
        output.backend().upload(output.storage.buffer(), value);
        Tape.tell(observer -> observer.uploaded(output, value));
        return output;
    }

    /**
     * Takes one optimiser step in place, for optimisers only. A tape that needs the value before it says so when it is
     * differentiated; what {@link #detach} and {@link #reshape} made of a tensor keeps its values.
     *
     * @param state what the kernel reads and changes beside the parameter, all of the parameter's shape
     */
    public static void update(Kernel.InPlace kernel, Tensor parameter, Tensor gradient, Tensor... state) {
        String name = kernel.getClass().getSimpleName().toLowerCase(Locale.ROOT);
        List<Tensor> inputs = new ArrayList<>(List.of(gradient));
        inputs.addAll(Arrays.asList(state));
        Checks.update(name, parameter, inputs);
        Tape.tell(observer -> observer.updating(name, parameter));
        parameter.storage.aboutToChange(kernel, parameter.shape);
        for (Tensor changed : state) {
            changed.storage.aboutToChange(kernel, parameter.shape);
        }
        parameter.backend().run(kernel, parameter.operand(),
                inputs.stream().map(Tensor::operand).toArray(Backend.Operand[]::new));
    }

    private Backend.Operand operand() {
        return new Backend.Operand(shape, storage.buffer());
    }

    private static Tensor allocate(Backend backend, Shape shape, Op op, String label, Past past) {
        Scope scope = Scope.innermost();
        return scope.adopt(new Tensor(shape, Storage.allocate(backend, shape.size(), op, label, past), null, null));
    }

    /**
     * This tensor.
     *
     * @param user the op or method that is about to read it
     * @throws IllegalStateException if its scope has freed it
     */
    Tensor requireAlive(String user) {
        if (storage.isFreed()) {
            throw new IllegalStateException(user + ": " + describe() + " was used after its scope had freed it"
                    + (storage.site() == null ? " (-Daulos.leaks=true tells where it was made)"
                            : "; it was made" + Leaks.frames(storage.site())));
        }
        return this;
    }

    Storage storage() {
        return storage;
    }

    /** As in {@code w[64,32,3]} or {@code conv1d[8,64,100] of resblocks.0}: name or op, shape, label; not the values. */
    public String describe() {
        String what = name != null ? name : storage.op != null ? storage.op.name() : "tensor";
        return what + shape + (storage.label.isEmpty() ? "" : " of " + storage.label);
    }

    /** Name, shape, backend and the first values, as in {@code w[3] on cpu: [0.5, -1, 2]}. */
    @Override
    public String toString() {
        return describe() + " on " + backend().name() + (storage.isFreed() ? ", freed" : ": " + toArray().values());
    }
}
