// SPDX-License-Identifier: Apache-2.0
package aulos.kernels;

import aulos.engine.Kernel;
import aulos.engine.PointwiseFunction;
import aulos.engine.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Kernels with shapes: odd ones, and ones large enough to be shared out among threads. */
public record KernelCase(Kernel kernel, Shape out, List<Shape> in) {

    public static List<KernelCase> all() {
        List<KernelCase> cases = new ArrayList<>();
        pointwise(cases);
        sums(cases);
        matmuls(cases);
        norms(cases);
        distances(cases);
        moves(cases);
        signals(cases);
        return cases;
    }

    @Override
    public String toString() {
        return kernel + " " + in + " -> " + out;
    }

    private static void pointwise(List<KernelCase> cases) {
        for (PointwiseFunction function : PointwiseFunction.values()) {
            Kernel kernel = new Kernel.Pointwise(function, 0.3, -0.7);
            Shape shape = Shape.of(3, 23);
            cases.add(function.arity() == 1 ? of(kernel, shape, shape) : of(kernel, shape, shape, shape));
        }
        Kernel affine = new Kernel.Pointwise(PointwiseFunction.AFFINE, 0.5, 2);
        cases.add(of(affine, Shape.of(100_003), Shape.of(100_003)));
        cases.add(of(affine, Shape.of(4, 5), Shape.of(5)));
        cases.add(of(affine, Shape.of(4, 5), Shape.SCALAR));
        cases.add(of(affine, Shape.SCALAR, Shape.SCALAR));
        Kernel sub = new Kernel.Pointwise(PointwiseFunction.SUB, 0, 0);
        cases.add(of(sub, Shape.of(2, 3, 5), Shape.of(3, 1), Shape.of(2, 3, 5)));
        cases.add(of(sub, Shape.of(3, 37, 1001), Shape.of(3, 37, 1001), Shape.of(37, 1)));
        cases.add(of(sub, Shape.of(3, 5), Shape.of(3, 5), Shape.of(5)));
        cases.add(of(sub, Shape.of(200, 301), Shape.of(301), Shape.of(200, 301)));
        cases.add(of(sub, Shape.of(50_001), Shape.SCALAR, Shape.of(50_001)));
        cases.add(of(sub, Shape.of(4, 5, 3), Shape.of(4, 1, 3), Shape.of(1, 5, 1)));
        cases.add(of(sub, Shape.of(2, 3, 4, 5), Shape.of(3, 1, 5), Shape.of(2, 1, 4, 1)));
        cases.add(of(sub, Shape.of(64, 70, 7), Shape.of(64, 70, 7), Shape.of(64, 1, 1)));
        cases.add(of(sub, Shape.of(7, 4), Shape.of(7, 1), Shape.of(1, 1)));
    }

    private static void sums(List<KernelCase> cases) {
        for (int kept = 0; kept < 16; kept++) {
            int[] dims = {3, 2, 5, 4};
            for (int axis = 0; axis < 4; axis++) {
                dims[axis] = (kept >> axis & 1) == 1 ? dims[axis] : 1;
            }
            cases.add(of(new Kernel.Sum(), Shape.of(dims), Shape.of(3, 2, 5, 4)));
            cases.add(of(new Kernel.Max(), Shape.of(dims), Shape.of(3, 2, 5, 4)));
        }
        int[][][] shapes = {{{1}, {70}}, {{1}, {100_003}}, {{1, 1}, {3, 200_000}}, {{1, 7, 1}, {3, 7, 65}},
            {{1, 8, 1}, {16, 8, 3001}}, {{1, 2, 1}, {3, 2, 70_000}}, {{5, 1}, {5, 1000}}, {{1, 5}, {1000, 5}},
            {{1, 701}, {300, 701}}, {{40, 1, 9}, {40, 130, 9}}, {{500, 1}, {500, 131}}, {{1, 5, 1}, {1, 5, 1}}};
        for (int[][] shape : shapes) {
            cases.add(of(new Kernel.Sum(), Shape.of(shape[0]), Shape.of(shape[1])));
            cases.add(of(new Kernel.Max(), Shape.of(shape[0]), Shape.of(shape[1])));
        }
    }

    private static void matmuls(List<KernelCase> cases) {
        int[][] sizes = {{1, 1, 1, 1}, {1, 2, 3, 4}, {1, 1, 200, 90}, {1, 90, 200, 1}, {1, 7, 5, 33}, {1, 13, 70, 65},
            {3, 5, 9, 31}, {2, 1, 66, 3}, {2, 3, 66, 1}, {1, 100, 513, 80}, {1, 3, 40, 500}};
        for (int[] size : sizes) {
            for (int flags = 0; flags < 4; flags++) {
                boolean a = (flags & 1) == 1;
                boolean b = (flags & 2) == 2;
                cases.add(of(new Kernel.Matmul(a, b), matrices(size[0], size[1], size[3]),
                        a ? matrices(size[0], size[2], size[1]) : matrices(size[0], size[1], size[2]),
                        b ? matrices(size[0], size[3], size[2]) : matrices(size[0], size[2], size[3])));
            }
        }
    }

    private static void norms(List<KernelCase> cases) {
        Shape[][] gainsAndRows = {
            {Shape.of(1, 1), Shape.of(1, 2)}, {Shape.of(7, 1), Shape.of(7, 3)}, {Shape.of(1024, 1), Shape.of(1024, 5)},
            {Shape.of(5, 1, 1), Shape.of(5, 2, 33)}, {Shape.of(3, 1, 1, 1), Shape.of(3, 64, 1, 1)},
            {Shape.of(41, 1), Shape.of(41, 1025)}, {Shape.of(2, 1, 1), Shape.of(2, 1024, 5)},
            {Shape.of(1, 1), Shape.of(1, 70_001)}
        };
        for (Shape[] pair : gainsAndRows) {
            Shape g = pair[0];
            Shape v = pair[1];
            cases.add(of(new Kernel.WeightNorm(), v, v, g));
            cases.add(of(new Kernel.WeightNormGradient(), v, v, g, v));
            cases.add(of(new Kernel.RowProjection(), g, v, v));
        }
    }

    private static void distances(List<KernelCase> cases) {
        int[][] shapes = {{}, {1}, {63}, {64}, {5, 13}, {1, 16_385}, {3, 32_768}, {2, 5, 30_001}, {3, 1, 140_000}};
        for (int[] dims : shapes) {
            Shape shape = Shape.of(dims);
            cases.add(of(new Kernel.MeanAbsoluteError(), Shape.SCALAR, shape, shape));
            cases.add(of(new Kernel.MeanAbsoluteErrorGradient(), shape, shape, shape, Shape.SCALAR));
        }
    }

    private static Shape matrices(int batch, int rows, int columns) {
        return batch == 1 ? Shape.of(rows, columns) : Shape.of(batch, rows, columns);
    }

    private static void moves(List<KernelCase> cases) {
        for (int[] dims : new int[][] {{2, 3, 4, 5}, {3, 1, 70, 34}, {2, 65, 33, 40}}) {
            for (int[] order : new int[][] {{0, 1, 3, 2}, {3, 2, 1, 0}, {1, 0, 2, 3}, {0, 3, 1, 2}, {0, 2, 1, 3}}) {
                Shape x = Shape.of(dims);
                int[] strides = Arrays.stream(order).map(axis -> x.strides()[axis]).toArray();
                Shape y = Shape.of(Arrays.stream(order).map(axis -> dims[axis]).toArray());
                cases.add(of(new Kernel.StridedCopy(0, list(strides)), y, x));
                cases.add(of(new Kernel.StridedPlace(0, list(strides)), x, y));
            }
        }
        // Slices and their adjoints, a step, a reversal, broadcasts, overlapping windows.
        cases.add(of(new Kernel.StridedCopy(22, List.of(20, 1)), Shape.of(3, 15), Shape.of(5, 20)));
        cases.add(of(new Kernel.StridedPlace(22, List.of(20, 1)), Shape.of(5, 20), Shape.of(3, 15)));
        cases.add(of(new Kernel.StridedCopy(1, List.of(3)), Shape.of(7), Shape.of(22)));
        cases.add(of(new Kernel.StridedPlace(1, List.of(3)), Shape.of(22), Shape.of(7)));
        cases.add(of(new Kernel.StridedCopy(9, List.of(-1)), Shape.of(10), Shape.of(10)));
        cases.add(of(new Kernel.StridedCopy(0, List.of(0, 1, 0)), Shape.of(40, 7, 91), Shape.of(7, 1)));
        cases.add(of(new Kernel.StridedCopy(0, List.of(0, 0)), Shape.of(4, 5), Shape.SCALAR));
        cases.add(of(new Kernel.StridedCopy(2, List.of(1, 1)), Shape.of(6, 5), Shape.of(20)));
        cases.add(of(new Kernel.StridedCopy(3, List.of()), Shape.SCALAR, Shape.of(5)));
        List<Integer> indices = List.of(4, 0, 4, 1, 2, 4);
        cases.add(of(new Kernel.Gather(1, indices), Shape.of(3, 6, 700), Shape.of(3, 5, 700)));
        cases.add(of(new Kernel.Gather(2, indices), Shape.of(3, 7, 6), Shape.of(3, 7, 5)));
        cases.add(of(new Kernel.ScatterAdd(0, indices), Shape.of(5, 7, 31), Shape.of(6, 7, 31)));
        cases.add(of(new Kernel.ScatterAdd(1, indices), Shape.of(3, 9), Shape.of(3, 6)));
        cases.add(of(new Kernel.Concat(0), Shape.of(6, 3), Shape.of(1, 3), Shape.of(3, 3), Shape.of(2, 3)));
        cases.add(of(new Kernel.Concat(1), Shape.of(2, 7, 3), Shape.of(2, 5, 3), Shape.of(2, 2, 3)));
        cases.add(of(new Kernel.Concat(1), Shape.of(30, 1999), Shape.of(30, 999), Shape.of(30, 1000)));
    }

    private static void signals(List<KernelCase> cases) {
        for (int[] pad : new int[][] {{3, 4, 5}, {0, 2, 3}, {4, 0, 9}, {384, 384, 8192}}) {
            Shape x = Shape.of(2, 3, pad[2]);
            Shape y = Shape.of(2, 3, pad[0] + pad[1] + pad[2]);
            cases.add(of(new Kernel.ReflectPad(pad[0], pad[1]), y, x));
            cases.add(of(new Kernel.ReflectPadAdjoint(pad[0], pad[1]), x, y));
        }
        for (int[] frame : new int[][] {{5, 2, 4}, {3, 3, 7}, {2, 5, 3}, {1024, 256, 70}}) {
            int length = (frame[2] - 1) * frame[1] + frame[0] + 1; // one sample that no frame reaches
            Shape x = Shape.of(2, length);
            Shape y = Shape.of(2, frame[2], frame[0]);
            cases.add(of(new Kernel.Frame(frame[0], frame[1]), y, x));
            cases.add(of(new Kernel.OverlapAdd(frame[0], frame[1]), x, y));
        }
        for (int n : new int[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 16, 26, 31, 37, 64, 101, 600, 1023, 1024, 1200}) {
            Shape x = Shape.of(3, n);
            Shape y = Shape.of(3, 2 * (n / 2 + 1));
            cases.add(of(new Kernel.RealDft(n, n / 2), y, x));
            cases.add(of(new Kernel.RealDftAdjoint(n, n / 2), x, y));
        }
    }

    private static KernelCase of(Kernel kernel, Shape out, Shape... in) {
        return new KernelCase(kernel, out, List.of(in));
    }

    private static List<Integer> list(int[] strides) {
        return Arrays.stream(strides).boxed().toList();
    }
}
