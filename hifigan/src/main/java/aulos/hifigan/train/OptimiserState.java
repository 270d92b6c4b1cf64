// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import aulos.engine.NdArray;
import aulos.engine.Shape;
import aulos.engine.nn.AdamW;
import aulos.hifigan.io.PyTuple;
import aulos.hifigan.model.TrainingConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@code torch.optim.AdamW.state_dict()} gives, with the {@code initial_lr} that a scheduler adds. PyTorch 1.13 to
 * 2 load it: they fill in keys of their own that are missing.
 *
 * @param steps made so far
 * @param moments in the order of the parameters
 */
record OptimiserState(int steps, List<AdamW.Moments> moments) {

    static OptimiserState of(AdamW optimiser) {
        return new OptimiserState(optimiser.steps(), optimiser.moments());
    }

    /** As before the first step. */
    static OptimiserState fresh(AdamW optimiser) {
        return new OptimiserState(0, Collections.nCopies(optimiser.parameters().size(), null));
    }

    void restore(AdamW optimiser) {
        if (steps > 0) {
            optimiser.restore(moments, steps);
        }
    }

    Map<Object, Object> toTree(TrainingConfig training, double learningRate) {
        Map<Object, Object> state = new LinkedHashMap<>();
        List<Object> indices = new ArrayList<>();
        for (long i = 0; i < moments.size(); i++) {
            indices.add(i);
            if (steps == 0) {
                continue;
            }
            Map<Object, Object> entry = new LinkedHashMap<>();
            // A tensor for each: from PyTorch 1.12 on the step is one that its optimiser counts up in place.
            entry.put("step", NdArray.of(Shape.SCALAR, (float) steps));
            entry.put("exp_avg", moments.get((int) i).mean());
            entry.put("exp_avg_sq", moments.get((int) i).square());
            state.put(i, entry);
        }
        Map<Object, Object> group = new LinkedHashMap<>();
        group.put("lr", learningRate);
        group.put("betas", new PyTuple(training.beta1(), training.beta2()));
        group.put("eps", AdamW.EPSILON);
        group.put("weight_decay", AdamW.WEIGHT_DECAY);
        group.put("amsgrad", false);
        group.put("foreach", null);
        group.put("maximize", false);
        group.put("capturable", false);
        group.put("initial_lr", training.learningRate());
        group.put("params", indices);
        Map<Object, Object> tree = new LinkedHashMap<>();
        tree.put("state", state);
        tree.put("param_groups", new ArrayList<>(List.of(group)));
        return tree;
    }

    /**
     * @param name what messages call it, {@code optim_g} or {@code optim_d}
     * @throws IOException if the tree is something else, saying where
     */
    static OptimiserState fromTree(String name, Object tree) throws IOException {
        Map<?, ?> dict = Trees.map(name, tree);
        if (!(dict.get("param_groups") instanceof List<?> groups) || groups.size() != 1) {
            throw new IOException(name + ".param_groups is not a list of one group");
        }
        if (!(Trees.map(name + ".param_groups.0", groups.getFirst()).get("params") instanceof List<?> params)) {
            throw new IOException(name + ".param_groups.0.params is not a list");
        }
        Map<?, ?> states = Trees.map(name + ".state", dict.get("state"));
        if (states.isEmpty()) {
            return new OptimiserState(0, List.of()); // it has made no step yet
        }
        List<AdamW.Moments> moments = new ArrayList<>();
        long steps = -1;
        // Old versions number parameters by their address: the list gives the order.
        for (Object param : params) {
            String place = name + ".state." + param;
            Map<?, ?> state = Trees.map(place, states.get(param));
            long made = Trees.integer(place + ".step", state.get("step"));
            if (steps >= 0 && made != steps) {
                throw new IOException(place + ".step is " + made + ", expected " + steps + " as in the others");
            }
            steps = made;
            moments.add(new AdamW.Moments(Trees.array(place + ".exp_avg", state.get("exp_avg")),
                    Trees.array(place + ".exp_avg_sq", state.get("exp_avg_sq"))));
        }
        if (steps < 0 || steps > Integer.MAX_VALUE) {
            throw new IOException(name + " has made " + steps + " steps, expected 0 to " + Integer.MAX_VALUE);
        }
        return new OptimiserState((int) steps, moments);
    }
}
