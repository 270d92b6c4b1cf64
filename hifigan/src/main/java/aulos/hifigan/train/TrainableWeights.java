// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import aulos.engine.NdArray;
import aulos.hifigan.model.ConvLayer;
import aulos.hifigan.model.HifiGanConfig;
import java.util.LinkedHashMap;
import java.util.Map;

/** A generator's weights in the form that is trained, g and v of weight norm, whatever form a file holds them in. */
final class TrainableWeights {
    private TrainableWeights() {}

    /**
     * Renames the parts as PyTorch's parametrisation calls them, and takes folded weights apart: v = w, g = ‖w‖.
     * Whether shapes fit is for the model to check.
     */
    static Map<String, NdArray> of(HifiGanConfig config, Map<String, NdArray> state) {
        Map<String, NdArray> trainable = new LinkedHashMap<>(state);
        for (ConvLayer layer : config.layers()) {
            String weight = layer.name() + ".weight";
            rename(trainable, layer.name() + ".parametrizations.weight.original0", weight + "_g");
            rename(trainable, layer.name() + ".parametrizations.weight.original1", weight + "_v");
            NdArray folded = trainable.get(weight);
            if (folded != null && folded.shape().equals(layer.weightShape())) {
                trainable.put(weight + "_g", norms(layer, folded));
                rename(trainable, weight, weight + "_v");
            }
        }
        return trainable;
    }

    private static void rename(Map<String, NdArray> state, String from, String to) {
        NdArray array = state.remove(from);
        if (array != null) {
            state.put(to, array);
        }
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
