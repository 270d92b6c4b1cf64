// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import aulos.kernels.Samples;
import aulos.kernels.cpu.loop.WinogradForm.ToomCook;
import aulos.kernels.cpu.run.Simd;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Generated loops against the matrices of their forms, and vector loops against their plain twins. */
class FormsTest {
    /** What a loop does to rows side by side. */
    interface Loop {
        void run(float[] x, int at, int step, float[] y, int yAt, int yStep, int count);
    }

    /** The matrices of the form of so many outputs and taps on the points and ∞, as {@link ToomCook} says. */
    record Form(int outputs, int taps, double... points) {
        /** G[p][j], A[i][p] and B[p][s] of the filter y[i] = Σⱼ g[j]·d[i + j]. */
        double[][] g() {
            double[][] g = new double[points.length + 1][taps];
            for (int p = 0; p < points.length; p++) {
                double[] n = without(p);
                double slope = 0;
                for (int s = n.length - 1; s >= 0; s--) {
                    slope = slope * points[p] + n[s];
                }
                for (int j = 0; j < taps; j++) {
                    g[p][j] = Math.pow(points[p], j) / slope;
                }
            }
            g[points.length][taps - 1] = 1;
            return g;
        }

        double[][] a() {
            double[][] a = new double[outputs][points.length + 1];
            for (int i = 0; i < outputs; i++) {
                for (int p = 0; p < points.length; p++) {
                    a[i][p] = Math.pow(points[p], i);
                }
            }
            a[outputs - 1][points.length] = 1;
            return a;
        }

        double[][] b() {
            double[][] b = new double[points.length + 1][];
            Arrays.setAll(b, p -> Arrays.copyOf(without(p), points.length + 1));
            return b;
        }

        /** The coefficients of Π(x − a) over all points but one. */
        private double[] without(int point) {
            double[] product = {1};
            for (int p = 0; p < points.length; p++) {
                if (p != point) {
                    double[] next = new double[product.length + 1];
                    for (int i = 0; i < product.length; i++) {
                        next[i + 1] += product[i];
                        next[i] -= product[i] * points[p];
                    }
                    product = next;
                }
            }
            return product;
        }
    }

    private static final double[] FIVE_POINTS = {0, 1, -1, 2, -2};
    private static final double[] SIX_POINTS = {0, 1, -1, 2, -2, 0.5};
    private static final double[] EIGHT_POINTS = {0, 2, -2, 0.75, -0.75, 1.25, -1.25, 0.25};

    @Test
    void theMatricesOfAnyFormAreAFilter() {
        for (int outputs = 1; outputs <= 5; outputs++) {
            for (int taps = 1; taps <= 9 - outputs; taps++) {
                Form form = new Form(outputs, taps, Arrays.copyOf(EIGHT_POINTS, outputs + taps - 2));
                for (int i = 0; i < outputs; i++) {
                    for (int j = 0; j < taps; j++) {
                        for (int s = 0; s < outputs + taps - 1; s++) {
                            double sum = 0;
                            for (int p = 0; p < form.points.length + 1; p++) {
                                sum += form.a()[i][p] * form.g()[p][j] * form.b()[p][s];
                            }
                            assertThat(sum).isCloseTo(s == i + j ? 1 : 0, within(1e-10));
                        }
                    }
                }
            }
        }
    }

    @Test
    @Tag("cpu")
    void loopsAreTheirMatrices() {
        float[] none = new float[Simd.WIDTH];
        Form five = new Form(5, 5, EIGHT_POINTS);
        check(NinePoints::samples, five.b());
        check(NinePoints::taps, five.g());
        check((x, at, step, y, yAt, yStep, count) ->
                NinePoints.outputs(x, at, step, none, 0, y, yAt, yStep, count), five.a());
        Form four = new Form(4, 4, SIX_POINTS);
        check(SevenPoints::samples, four.b());
        check(SevenPoints::fourTaps, four.g());
        check(SevenPoints::fourOutputs, four.a());
        check(SevenPoints::fiveTaps, new Form(3, 5, SIX_POINTS).g());
        check(SevenPoints::threeOutputs, new Form(3, 5, SIX_POINTS).a());
        check(SevenPoints::groups, new Form(2, 3, 0, 1, -1).g());
        check((x, at, step, y, yAt, yStep, count) -> Winograd.inputOfSix(x, at, places(6, step), y, yAt, yStep, count),
                new Form(4, 3, FIVE_POINTS).b());
        check((x, at, step, y, yAt, yStep, count) ->
                Winograd.inputOfSeven(x, at, places(7, step), places(7, step), 0, y, yAt, yStep, count), four.b());
        check((x, at, step, y, yAt, yStep, count) -> Winograd.outputOfSix(
                x, at, step, none, 0, y, yAt, places(4, yStep), 0, 1, 0, 0, count), new Form(4, 3, FIVE_POINTS).a());
        check((x, at, step, y, yAt, yStep, count) -> Winograd.outputOfSeven(
                x, at, step, 0, 0, 0, 0, none, 0, y, yAt, places(4, yStep), 0, 1, 0, 0, count), four.a());
    }

    private static int[] places(int count, int step) {
        int[] places = new int[count];
        Arrays.setAll(places, i -> i * step);
        return places;
    }

    /** By running the loop on rows of which one is 1. */
    private static void check(Loop loop, double[][] matrix) {
        int step = Simd.WIDTH;
        for (int column = 0; column < matrix[0].length; column++) {
            float[] x = new float[matrix[0].length * step];
            Arrays.fill(x, column * step, (column + 1) * step, 1);
            float[] y = new float[matrix.length * step];
            loop.run(x, 0, step, y, 0, step, step);
            for (int row = 0; row < matrix.length; row++) {
                double largest = Arrays.stream(matrix[row]).map(Math::abs).max().orElseThrow();
                assertThat((double) y[row * step]).as("row %d, column %d", row, column)
                        .isCloseTo(matrix[row][column], within(1e-6 * largest));
            }
        }
    }

    /** Every loop of every form, whatever forms there are. */
    static Stream<Method> plainLoops() throws IOException, ClassNotFoundException {
        List<Method> loops = new ArrayList<>();
        try (Stream<Path> forms = Files.list(Path.of("src/main/generator/forms"))) {
            for (Path form : forms.toList()) {
                String head = Files.readAllLines(form).stream().filter(line -> line.startsWith("class ")).findFirst()
                        .orElseThrow();
                Class<?> plain = Class.forName("aulos.kernels.cpu.loop.plain." + head.split(" ")[1] + "Scalar");
                loops.addAll(Arrays.stream(plain.getDeclaredMethods())
                        .filter(method -> Modifier.isPublic(method.getModifiers())).toList());
            }
        }
        assertThat(loops).hasSizeGreaterThan(20);
        return loops.stream();
    }

    @ParameterizedTest
    @MethodSource("plainLoops")
    @Tag("vector")
    void vectorLoopsGiveTheBitsOfPlainOnes(Method plain) throws ReflectiveOperationException {
        assumeTrue(Simd.ENABLED, "this JVM runs plain loops only");
        Class<?> facade = Class.forName(plain.getDeclaringClass().getName().replace(".plain", "").replace("Scalar", ""));
        Method vector = facade.getMethod(plain.getName(), plain.getParameterTypes());
        for (int vectors : new int[] {1, 2, 5}) {
            Object[] arguments = arguments(plain, vectors * Simd.WIDTH);
            Object[] others = arguments(plain, vectors * Simd.WIDTH);
            plain.invoke(null, arguments);
            vector.invoke(null, others);
            for (int i = 0; i < arguments.length; i++) {
                assertThat(others[i]).as(plain.getParameters()[i].getName()).isEqualTo(arguments[i]);
            }
        }
    }

    /** Rows apart from one another; what is not a place is a factor, or a number of rows. */
    private static Object[] arguments(Method loop, int count) {
        int step = count + 3;
        List<Object> arguments = new ArrayList<>();
        for (Parameter parameter : loop.getParameters()) {
            String name = parameter.getName();
            int n = arguments.size();
            if (parameter.getType() == float[].class) {
                arguments.add(Samples.random(name.hashCode(), 100 * step));
            } else if (parameter.getType() == int[].class) {
                int[] places = new int[8];
                Arrays.setAll(places, i -> (i * 3 + n) % 8 * 4 * step + i);
                arguments.add(places);
            } else if (parameter.getType() == float.class) {
                arguments.add(name.equals("weight2") ? 0.5f : -1f);
            } else {
                arguments.add(switch (name) {
                    case "count", "width" -> count;
                    case "rows" -> 3;
                    case "at", "yAt" -> 5;
                    case "biasAt" -> 2;
                    case "firstOutput" -> 4;
                    case "next1", "next2", "next" -> 30 * step + n;
                    case "step", "yStep", "xRow", "yRow" -> step;
                    default -> (n + 1) * step;
                });
            }
        }
        return arguments.toArray();
    }
}
