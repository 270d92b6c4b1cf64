// SPDX-License-Identifier: Apache-2.0
package aulos.engine.op;

import aulos.engine.ConvSpec;
import aulos.engine.Fusion;
import aulos.engine.NdArray;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The table of op cases: every op at tiny and odd shapes. Each row drives the gradient check in float64, the comparison of
 * every backend with the reference, and for linear ops the adjointness property. An op without a row fails a test.
 */
public final class OpCases {

    /** Where inputs are drawn from; all keep away from the kinks at 0. */
    public enum Domain {
        /** ±[0.2, 1.2) */
        SIGNED,
        /** [0.2, 1.2) */
        POSITIVE
    }

    private static final HostOp.Function HOST_PRODUCT = arrays -> {
        double[] product = new double[6];
        for (int i = 0; i < product.length; i++) {
            product[i] = at(arrays.get(0), i) * at(arrays.get(1), i);
        }
        return NdArray.of(Shape.of(2, 3), product);
    };

    private static double at(NdArray array, int i) {
        return array.get(i % array.shape().size());
    }

    /** One op and the shapes of its inputs. */
    public record Case(Op op, Domain domain, List<Shape> shapes) {
        public List<NdArray> inputs(long seed) {
            SplittableRandom random = new SplittableRandom(seed);
            return shapes.stream().map(shape -> draw(shape, domain, random)).toList();
        }

        public Tensor apply(List<Tensor> inputs) {
            return Tensor.apply(op, inputs.toArray(Tensor[]::new));
        }

        @Override
        public String toString() {
            return op.name() + " " + op.parameters() + " " + shapes;
        }
    }

    private static final List<Case> CASES = new ArrayList<>();

    /** batch, Cin, Cout, length, kernel, then stride, padding, dilation, groups. */
    private static final int[][] GEOMETRIES = {
        {1, 1, 1, 1, 1, 1, 0, 1, 1}, {1, 1, 3, 9, 3, 1, 1, 1, 1}, {2, 3, 1, 10, 3, 1, 1, 1, 1},
        {1, 3, 5, 11, 3, 1, 3, 3, 1}, {2, 4, 6, 13, 5, 2, 2, 1, 2}, {1, 4, 8, 10, 4, 4, 1, 1, 4},
        {3, 2, 9, 8, 5, 3, 2, 1, 1}, {1, 2, 2, 7, 2, 3, 4, 2, 1}, {2, 6, 3, 12, 1, 1, 0, 1, 3},
        {1, 5, 10, 17, 7, 1, 3, 1, 5}
    };

    private OpCases() {}

    public static List<Case> all() {
        return List.copyOf(CASES);
    }

    static {
        for (int[] dims : new int[][] {{}, {1}, {7}, {3, 5}, {2, 3, 17}, {2, 1, 3, 5}}) {
            Shape shape = Shape.of(dims);
            for (Op op : List.of(new Pointwise.Abs(), new Pointwise.Sign(), new Pointwise.Exp(), new Pointwise.Tanh(),
                    new Pointwise.Sigmoid(), new Pointwise.Sin(), new Pointwise.Cos(), new Pointwise.Pow(3),
                    new Pointwise.Pow(0), new Pointwise.Affine(-1.5, 0.25), new Pointwise.LeakyRelu(0.1),
                    new Pointwise.ClampMin(0.1))) {
                add(op, shape);
            }
            add(new Pointwise.LeakyReluGradient(0.1), shape, shape);
            add(new Pointwise.ClampMinGradient(0.1), shape, shape);
            add(new MeanAbsoluteError(), shape, shape);
            add(new MeanAbsoluteErrorGradient(), shape, shape, Shape.SCALAR);
            positive(new Pointwise.Sqrt(), shape);
            positive(new Pointwise.Log(), shape);
            positive(new Pointwise.Pow(-0.5), shape);
        }
        Shape[][] pairs = {
            {Shape.of(2, 3, 5), Shape.of(2, 3, 5)}, {Shape.of(4, 33), Shape.SCALAR}, {Shape.of(1), Shape.of(4, 19)},
            {Shape.of(2, 3, 17), Shape.of(3, 1)}, {Shape.of(2, 1, 5), Shape.of(3, 1)}, {Shape.of(5), Shape.of(2, 3, 5)},
            {Shape.of(3, 1, 1), Shape.of(3, 4, 7)}, {Shape.of(2, 1, 3, 1), Shape.of(4, 1, 5)},
            {Shape.of(2, 1, 3, 1, 2, 1), Shape.of(3, 1, 2, 1, 3)}
        };
        for (Shape[] pair : pairs) {
            add(new Pointwise.Add(), pair);
            add(new Pointwise.Sub(), pair);
            add(new Pointwise.Mul(), pair);
            positive(new Pointwise.Div(), pair);
            positive(new Pointwise.Power(), pair);
            add(new Pointwise.Greater(), pair);
            add(new Pointwise.Equal(), pair);
            add(new Pointwise.Select(), pair);
        }
        add(new Sum(Shape.of(1, 1, 1)), Shape.of(2, 3, 5));
        add(new Sum(Shape.of(2, 1, 5)), Shape.of(2, 3, 5));
        add(new Sum(Shape.of(1, 3, 1)), Shape.of(2, 3, 37));
        add(new Sum(Shape.of(1, 3, 1, 5)), Shape.of(2, 3, 4, 5));
        add(new Sum(Shape.of(1)), Shape.of(131));
        add(new Max(Shape.of(1, 1, 1)), Shape.of(2, 3, 5));
        add(new Max(Shape.of(2, 1, 5)), Shape.of(2, 3, 5));
        add(new Max(Shape.of(1, 3, 1)), Shape.of(2, 3, 37));
        add(new Max(Shape.of(1)), Shape.of(131));
        add(new Gather(1, List.of(2, 0, 2, 1)), Shape.of(2, 3, 5));
        add(new Gather(0, List.of(4)), Shape.of(7));
        add(new Gather(2, List.of(0, 4, 4, 4, 1, 2, 3)), Shape.of(2, 3, 5));
        add(new ScatterAdd(1, List.of(2, 0, 2, 1), 3), Shape.of(2, 4, 5));
        add(new ScatterAdd(0, List.of(6, 6), 9), Shape.of(2, 3));
        add(new HostOp.Custom("host_sin", HostOp.pointwise(Math::sin),
                (argument, inputs, output, gradient) -> gradient.mul(inputs.get(0).cos())), Shape.of(2, 3));
        add(new HostOp.CustomJoint("host_mul", HOST_PRODUCT, (arguments, inputs, output, gradient) -> arguments.stream()
                .map(i -> gradient.mul(inputs.get(1 - i)).sumTo(inputs.get(i).shape())).toList()), Shape.of(2, 3),
                Shape.of(3));
        add(new BroadcastTo(Shape.of(2, 3, 5)), Shape.of(3, 1));
        add(new BroadcastTo(Shape.of(4, 3)), Shape.SCALAR);
        add(new BroadcastTo(Shape.of(2, 3, 4, 5)), Shape.of(2, 1, 4, 1));
        add(new Reshape(Shape.of(6, 5)), Shape.of(2, 3, 5));
        add(new Reshape(Shape.SCALAR), Shape.of(1, 1));
        add(new Permute(List.of(1, 0)), Shape.of(19, 35));
        add(new Permute(List.of(0, 2, 1)), Shape.of(2, 3, 5));
        add(new Permute(List.of(3, 0, 2, 1)), Shape.of(2, 3, 4, 5));
        add(new Slice(2, 1, 4), Shape.of(2, 3, 5));
        add(new Slice(0, 1, 2), Shape.of(3, 4));
        add(new Slice(1, 0, 3), Shape.of(2, 3, 2, 3));
        add(new Pad(2, 2, 3), Shape.of(2, 3, 5));
        add(new Pad(0, 0, 1), Shape.of(3, 4));
        add(new Concat(1), Shape.of(2, 3, 5), Shape.of(2, 1, 5), Shape.of(2, 2, 5));
        add(new Concat(0), Shape.of(3), Shape.of(4));
        for (int[] pad : new int[][] {{0, 3}, {2, 1}, {6, 6}}) {
            add(new ReflectPad(pad[0], pad[1]), Shape.of(2, 7));
            add(new ReflectPadAdjoint(pad[0], pad[1]), Shape.of(2, 7 + pad[0] + pad[1]));
        }
        for (int[] f : new int[][] {{4, 2, 11}, {5, 5, 15}, {3, 7, 20}, {8, 1, 8}}) {
            int frames = (f[2] - f[0]) / f[1] + 1;
            add(new Frame(f[0], f[1]), Shape.of(2, f[2]));
            add(new OverlapAdd(f[0], f[1], f[2]), Shape.of(2, frames, f[0]));
        }
        for (int n : new int[] {1, 2, 7, 8, 12, 30}) {
            for (int hann : new int[] {0, Math.max(1, n / 2), n}) {
                add(new RealDft(n, hann), Shape.of(2, 3, n));
                add(new RealDftAdjoint(n, hann), Shape.of(3, 2 * (n / 2 + 1)));
            }
        }
        for (boolean transposeA : new boolean[] {false, true}) {
            for (boolean transposeB : new boolean[] {false, true}) {
                Matmul op = new Matmul(transposeA, transposeB);
                add(op, transposeA ? Shape.of(5, 3) : Shape.of(3, 5), transposeB ? Shape.of(7, 5) : Shape.of(5, 7));
                add(op, transposeA ? Shape.of(2, 4, 1) : Shape.of(2, 1, 4),
                        transposeB ? Shape.of(2, 17, 4) : Shape.of(2, 4, 17));
            }
        }
        for (int[] dims : new int[][] {{5}, {1, 1, 1}, {3, 7}, {4, 3, 5, 1}, {1, 67}, {2, 1, 131}}) {
            Shape v = Shape.of(dims);
            Shape g = Shapes.perRow("case", v);
            add(new WeightNorm(), v, g);
            add(new WeightNormGradient(), v, g, v);
            add(new RowProjection(), v, v);
        }
        convolutions();
        highRanks();
    }

    /** More axes than loops are nested deep. */
    private static void highRanks() {
        for (int[] target : new int[][] {{2, 1, 2, 1, 2, 1}, {1, 3, 1, 3, 1, 3}, {2, 1, 2, 3, 1, 3}}) {
            add(new Sum(Shape.of(target)), Shape.of(2, 3, 2, 3, 2, 3));
            add(new Max(Shape.of(target)), Shape.of(2, 3, 2, 3, 2, 3));
        }
        add(new BroadcastTo(Shape.of(2, 3, 2, 3, 2, 3)), Shape.of(1, 2, 1, 2, 1));
        add(new Permute(List.of(5, 0, 3, 2, 4, 1)), Shape.of(2, 3, 2, 1, 3, 4));
        add(new Slice(4, 1, 2), Shape.of(2, 3, 2, 1, 3));
        add(new Gather(4, List.of(1, 1, 0)), Shape.of(2, 1, 2, 1, 2, 3));
        add(new ScatterAdd(4, List.of(1, 1), 3), Shape.of(2, 1, 2, 1, 2, 3));
        Shape six = Shape.of(2, 3, 1, 2, 2, 3);
        add(new Pointwise.Exp(), six);
        add(new Pointwise.LeakyReluGradient(0.1), six, six);
        add(new Pointwise.Mul(), Shape.of(2, 1, 3, 1, 2, 1), Shape.of(1, 2, 1, 3, 1, 2));
        add(new Pointwise.Add(), Shape.of(2, 3, 2, 3, 2), Shape.of(3, 2));
        positive(new Pointwise.Div(), six, Shape.of(2, 1, 1, 2, 1, 3));
        add(new Sum(Shape.of(1, 3, 1, 2, 1, 3)), Shape.of(2, 3, 2, 2, 2, 3));
        add(new Sum(Shape.of(2, 1, 1, 1, 2)), Shape.of(2, 3, 2, 2, 2));
        add(new BroadcastTo(Shape.of(2, 2, 2, 3, 2, 3)), Shape.of(2, 1, 2, 1, 2, 1));
        add(new Reshape(Shape.of(4, 3, 2, 3)), six);
        add(new Permute(List.of(5, 3, 1, 4, 2, 0)), six);
        add(new Permute(List.of(0, 1, 3, 4, 2)), Shape.of(2, 3, 2, 2, 3));
        add(new Slice(4, 1, 2), six);
        add(new Pad(1, 1, 2), six);
        add(new Concat(3), six, six);
        add(new ReflectPad(1, 2), six);
        add(new ReflectPadAdjoint(1, 1), Shape.of(1, 2, 1, 2, 5));
        add(new Frame(2, 1), Shape.of(2, 1, 2, 1, 4));
        add(new OverlapAdd(2, 1, 4), Shape.of(2, 1, 2, 1, 3, 2));
        add(new RealDft(5, 4), Shape.of(2, 1, 1, 2, 5));
        add(new RealDftAdjoint(4, 0), Shape.of(1, 2, 1, 2, 6));
        add(new WeightNorm(), Shape.of(2, 3, 1, 2, 2), Shape.of(2, 1, 1, 1, 1));
        add(new WeightNormGradient(), Shape.of(2, 3, 1, 2, 2), Shape.of(2, 1, 1, 1, 1), Shape.of(2, 3, 1, 2, 2));
        add(new RowProjection(), Shape.of(2, 3, 1, 2, 2), Shape.of(2, 3, 1, 2, 2));
        add(new MeanAbsoluteError(), six, six);
        add(new MeanAbsoluteErrorGradient(), six, six, Shape.SCALAR);
    }

    private static void convolutions() {
        for (int[] g : GEOMETRIES) {
            ConvSpec spec = new ConvSpec(g[5], g[6], g[7], g[8]);
            Shape x = Shape.of(g[0], g[1], g[3]);
            Shape w = Shape.of(g[2], g[1] / g[8], g[4]);
            Shape y = Shape.of(g[0], g[2], spec.outputLength(g[3], g[4]));
            add(new Conv1d(spec, Fusion.NONE), x, w);
            add(new Conv1d(spec, new Fusion(0.1, true, 0, 1, false)), x, w, Shape.of(g[2]));
            add(new ConvTranspose1d(spec, g[3], Fusion.NONE), y, w);
            add(new ConvTranspose1d(spec, g[3], new Fusion(0.1, true, 1, 1, false)), y, w, Shape.of(g[1]), x);
            add(new Conv1dWeightGradient(spec, g[4], 1, 1), x, y);
            add(new Conv1dWeightGradient(spec, g[4], 0.1, 0.2), x, y);
        }
        ConvSpec same = ConvSpec.same(3, 2);
        Shape x = Shape.of(2, 3, 9);
        Shape w = Shape.of(4, 3, 3);
        Shape y = Shape.of(2, 4, 9);
        add(new Conv1d(same, new Fusion(0.01, true, 2, 0.5, true)), x, w, Shape.of(4), y, y);
        add(new Conv1d(same, new Fusion(1, false, 1, 1.0 / 3, false)), x, w, y);
        add(new ConvTranspose1d(same, 9, new Fusion(0.01, false, 1, 0.5, true)), y, w, x);
    }

    private static void add(Op op, Shape... shapes) {
        CASES.add(new Case(op, Domain.SIGNED, List.of(shapes)));
    }

    private static void positive(Op op, Shape... shapes) {
        CASES.add(new Case(op, Domain.POSITIVE, List.of(shapes)));
    }

    private static NdArray draw(Shape shape, Domain domain, SplittableRandom random) {
        double[] values = new double[shape.size()];
        for (int i = 0; i < values.length; i++) {
            double magnitude = random.nextDouble(0.2, 1.2);
            values[i] = (float) (domain == Domain.SIGNED && random.nextBoolean() ? -magnitude : magnitude);
        }
        return NdArray.of(shape, values);
    }
}
