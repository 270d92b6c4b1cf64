// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.model;

import aulos.engine.NdArray;
import aulos.engine.Shape;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** Weight norm on host arrays: w = g·v/‖v‖, the norm taken for each index of the first dimension. */
public final class WeightNorm {
    /** Ways a weight's g and v are called: by weight norm proper, and by PyTorch's parametrisation since 2.0. */
    private static final String[][] NAMES = {
        {".weight_g", ".weight_v"}, {".parametrizations.weight.original0", ".parametrizations.weight.original1"}
    };

    private WeightNorm() {}

    /**
     * Folds one weight, in double; the result has v's precision.
     *
     * @param g [n, 1, …], one gain for each index of v's first dimension
     * @param v [n, …]
     * @throws IllegalArgumentException if the shapes do not fit, or a row of v is all zero and so has no direction
     */
    public static NdArray fold(NdArray g, NdArray v) {
        int rows = v.shape().dim(0);
        if (g.shape().size() != rows || g.shape().dim(0) != rows) {
            throw new IllegalArgumentException("weight norm: g is " + g.shape() + ", v " + v.shape()
                    + " expects one gain for each of its " + rows + " rows");
        }
        int width = v.shape().size() / rows;
        double[] scales = new double[rows];
        for (int row = 0; row < rows; row++) {
            double squares = 0;
            for (int i = row * width; i < (row + 1) * width; i++) {
                squares += v.get(i) * v.get(i);
            }
            if (squares == 0) {
                throw new IllegalArgumentException(
                        "weight norm: row " + row + " of v " + v.shape() + " is all zero, expected a direction");
            }
            scales[row] = g.get(row) / Math.sqrt(squares);
        }
        return v.isDouble() ? scaled(v.doubles(), scales, v.shape()) : scaled(v.floats(), scales, v.shape());
    }

    private static NdArray scaled(double[] v, double[] scales, Shape shape) {
        int width = v.length / scales.length;
        double[] w = new double[v.length];
        for (int i = 0; i < w.length; i++) {
            w[i] = v[i] * scales[i / width];
        }
        return NdArray.of(shape, w);
    }

    private static NdArray scaled(float[] v, double[] scales, Shape shape) {
        int width = v.length / scales.length;
        float[] w = new float[v.length];
        for (int i = 0; i < w.length; i++) {
            w[i] = (float) (v[i] * scales[i / width]);
        }
        return NdArray.of(shape, w);
    }

    /**
     * The weights to vocode with, from a generator's state dict: with weight norm under either of its names, or folded
     * already. Names and shapes of the result are those of {@link HifiGanConfig#foldedParameters}.
     *
     * @throws IllegalArgumentException if an array is missing, is too many, or has another shape than the configuration
     *     asks for; the message names it
     */
    public static Map<String, NdArray> fold(HifiGanConfig config, Map<String, NdArray> stateDict) {
        Map<String, NdArray> folded = new LinkedHashMap<>();
        Set<String> unused = new LinkedHashSet<>(stateDict.keySet());
        for (ConvLayer layer : config.layers()) {
            String name = layer.name();
            folded.put(name + ".bias", take(stateDict, unused, name + ".bias", layer.biasShape()));
            folded.put(name + ".weight", weight(stateDict, unused, layer));
        }
        if (!unused.isEmpty()) {
            int more = unused.size() - 1;
            throw new IllegalArgumentException("state dict: has " + unused.iterator().next()
                    + (more == 0 ? "" : " and " + more + (more == 1 ? " more array" : " more arrays"))
                    + ", unknown to the configuration, which expects "
                    + config.stages() + " stages of " + config.resblockKernelSizes().size() + " resblocks \""
                    + config.resblock().key() + "\"");
        }
        return folded;
    }

    private static NdArray weight(Map<String, NdArray> stateDict, Set<String> unused, ConvLayer layer) {
        for (String[] names : NAMES) {
            String g = layer.name() + names[0];
            String v = layer.name() + names[1];
            if (stateDict.containsKey(v)) {
                NdArray gains = take(stateDict, unused, g, layer.gainShape());
                return fold(gains, take(stateDict, unused, v, layer.weightShape()));
            }
        }
        return take(stateDict, unused, layer.name() + ".weight", layer.weightShape());
    }

    private static NdArray take(Map<String, NdArray> stateDict, Set<String> unused, String name, Shape expected) {
        NdArray array = stateDict.get(name);
        if (array == null) {
            throw new IllegalArgumentException("state dict: " + name + " is missing, the configuration expects it with "
                    + "shape " + expected);
        }
        if (!array.shape().equals(expected)) {
            throw new IllegalArgumentException("state dict: " + name + " is " + array.shape()
                    + ", the configuration expects " + expected);
        }
        unused.remove(name);
        return array;
    }
}
