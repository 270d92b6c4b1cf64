// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import aulos.engine.NdArray;
import aulos.hifigan.model.ConvLayer;
import aulos.hifigan.model.HifiGanConfig;
import java.util.LinkedHashMap;
import java.util.Map;

/** Weights in the form that is trained, g and v of weight norm, whatever form a file holds them in. */
final class TrainableWeights {
    private TrainableWeights() {}

    /** How PyTorch's parametrisation calls the parts of weight norm and of spectral norm, and what they were before. */
    private static final Map<String, String> NAMES = Map.of(
            ".parametrizations.weight.original0", ".weight_g",
            ".parametrizations.weight.original1", ".weight_v",
            ".parametrizations.weight.original", ".weight_orig",
            ".parametrizations.weight.0._u", ".weight_u",
            ".parametrizations.weight.0._v", ".weight_v");

    /** Data-parallel training puts this before every name. */
    private static final String MODULE = "module.";

    /** The same arrays under the names that our models have, in the same order. */
    static Map<String, NdArray> named(Map<String, NdArray> state) {
        boolean wrapped = !state.isEmpty() && state.keySet().stream().allMatch(name -> name.startsWith(MODULE));
        Map<String, NdArray> named = new LinkedHashMap<>();
        state.forEach((name, array) -> named.put(usual(wrapped ? name.substring(MODULE.length()) : name), array));
        return named;
    }

    private static String usual(String name) {
        int part = name.indexOf(".parametrizations.");
        String usual = part < 0 ? null : NAMES.get(name.substring(part));
        return usual == null ? name : name.substring(0, part) + usual;
    }

    /**
     * A generator's arrays under their usual names, folded weights taken apart: v = w, g = ‖w‖. Whether shapes fit is for
     * the model to check.
     */
    static Map<String, NdArray> of(HifiGanConfig config, Map<String, NdArray> state) {
        Map<String, NdArray> trainable = named(state);
        for (ConvLayer layer : config.layers()) {
            String weight = layer.name() + ".weight";
            NdArray folded = trainable.get(weight);
            if (folded != null && folded.shape().equals(layer.weightShape())) {
                trainable.put(weight + "_g", norms(layer, folded));
                trainable.put(weight + "_v", trainable.remove(weight));
            }
        }
        return trainable;
    }

    private static NdArray norms(ConvLayer layer, NdArray weight) {
        float[] norms = new float[layer.gainShape().size()];
        int width = weight.shape().size() / norms.length;
        for (int row = 0; row < norms.length; row++) {
            double squares = 0;
            for (int i = row * width; i < (row + 1) * width; i++) {
                squares += weight.get(i) * weight.get(i);
            }
            norms[row] = (float) Math.sqrt(squares);
        }
        return NdArray.of(layer.gainShape(), norms);
    }
}
