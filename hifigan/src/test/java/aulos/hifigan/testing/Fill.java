// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.testing;

import aulos.engine.NdArray;
import aulos.engine.Shape;
import aulos.engine.nn.Layer;
import aulos.hifigan.model.ConvLayer;
import aulos.hifigan.model.HifiGanConfig;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.zip.CRC32;

/**
 * Full-size weights by a formula, the same in every language: splitmix64 seeded with the CRC-32 of the name. The golden
 * files were computed with them.
 */
public final class Fill {
    private static final double BIAS_SCALE = 0.1;

    private Fill() {}

    /** Uniform in [−scale, scale), as float64 that holds float32 values. */
    public static NdArray fill(String name, Shape shape, double scale) {
        CRC32 crc = new CRC32();
        crc.update(name.getBytes(StandardCharsets.UTF_8));
        long seed = (crc.getValue() << 32) + 0x9E3779B97F4A7C15L;
        double[] values = new double[shape.size()];
        for (int i = 0; i < values.length; i++) {
            long z = seed + i;
            z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
            z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
            z ^= z >>> 31;
            double u = (z >>> 40) / (double) (1 << 24);
            values[i] = (float) ((2 * u - 1) * scale);
        }
        return NdArray.of(shape, values);
    }

    /**
     * The state dict of a generator with weight norm.
     *
     * @param prefix what names are prefixed with when they seed the formula
     * @param gain factor on every {@code weight_g} but those of conv_pre and conv_post; the golden generators' is 0.6
     */
    public static Map<String, NdArray> generator(HifiGanConfig config, String prefix, double gain) {
        Map<String, NdArray> state = new LinkedHashMap<>();
        for (ConvLayer layer : config.layers()) {
            String bias = layer.name() + ".bias";
            state.put(bias, fill(prefix + bias, layer.biasShape(), BIAS_SCALE));

            Shape shape = layer.weightShape();
            double fanIn = (double) shape.size() / shape.dim(0);
            NdArray v = fill(prefix + layer.name() + ".weight_v", shape, Math.sqrt(3 / fanIn));
            boolean outer = layer.name().startsWith("conv_");
            NdArray g = gains(prefix + layer.name() + ".weight_g", layer.gainShape(), v, outer ? 1 : gain);
            state.put(layer.name() + ".weight_g", g);
            state.put(layer.name() + ".weight_v", v);
        }
        return state;
    }

    /** Name and shape of everything in a layer's state dict. */
    public static Map<String, Shape> shapes(Layer layer) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        layer.state().forEach(parameter -> shapes.put(parameter.name(), parameter.tensor().shape()));
        return shapes;
    }

    /** The state dict of a discriminator: weight norm, or spectral norm where there is a {@code weight_orig}. */
    public static Map<String, NdArray> discriminator(Map<String, Shape> shapes, String prefix) {
        Map<String, NdArray> state = new LinkedHashMap<>();
        shapes.forEach((name, shape) -> {
            String layer = name.substring(0, name.lastIndexOf('.') + 1);
            boolean spectral = shapes.containsKey(layer + "weight_orig");
            double uniform = Math.sqrt(3.0 * shape.dim(0) / shape.size());
            state.put(name, switch (name.substring(layer.length())) {
                case "bias" -> fill(prefix + name, shape, BIAS_SCALE);
                case "weight_orig" -> fill(prefix + name, shape, uniform);
                case "weight_u" -> direction(fill(prefix + name, shape, 1));
                case "weight_v" -> spectral ? direction(fill(prefix + name, shape, 1))
                        : fill(prefix + name, shape, uniform);
                default -> {
                    Shape vShape = shapes.get(layer + "weight_v");
                    double bound = Math.sqrt(3.0 * vShape.dim(0) / vShape.size());
                    yield gains(prefix + name, shape, fill(prefix + layer + "weight_v", vShape, bound), 1);
                }
            });
        });
        return state;
    }

    private static NdArray direction(NdArray vector) {
        double[] values = vector.doubles();
        double norm = Math.sqrt(DoubleStream.of(values).map(x -> x * x).sum());
        return NdArray.of(vector.shape(), DoubleStream.of(values).map(x -> x / norm).toArray());
    }

    private static NdArray gains(String name, Shape shape, NdArray v, double gain) {
        double[] g = fill(name, shape, 1).doubles();
        int width = v.shape().size() / g.length;
        for (int row = 0; row < g.length; row++) {
            double squares = 0;
            for (int i = row * width; i < (row + 1) * width; i++) {
                squares += v.get(i) * v.get(i);
            }
            float g32 = (float) ((0.5 * Math.abs(g[row]) + 0.75) * Math.sqrt(squares));
            g[row] = (float) (g32 * gain); // float32, as the parameters of the official model are
        }
        return NdArray.of(shape, g);
    }
}
