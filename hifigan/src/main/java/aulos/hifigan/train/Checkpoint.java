// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import aulos.engine.NdArray;
import aulos.engine.nn.AdamW;
import aulos.hifigan.io.OrderedDict;
import aulos.hifigan.io.PyTorchFile;
import aulos.hifigan.io.StateDict;
import aulos.hifigan.model.TrainingConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The official pair of files: {@code g_} with {generator}, {@code do_} with {mpd, msd, optim_g, optim_d, steps, epoch}.
 *
 * @param generator its state dict
 * @param steps the number of the last step made, the first being 0
 * @param epoch in which that was
 */
record Checkpoint(Map<String, NdArray> generator, Map<String, NdArray> mpd, Map<String, NdArray> msd,
        OptimiserState generatorOptimiser, OptimiserState discriminatorOptimiser, long steps, long epoch) {

    /** Writes {@code {generator: weights}}, as the official g_ files are. */
    static void writeGenerator(Path file, Map<String, NdArray> weights) throws IOException {
        PyTorchFile.write(file, new LinkedHashMap<>(Map.of("generator", ordered(weights))));
    }

    /** Downloads what a do_ file holds; slim, it lacks the moments of the discriminators' optimiser. */
    static Map<Object, Object> rest(Networks networks, TrainingConfig training, long steps, long epoch, boolean slim) {
        Map<Object, Object> tree = new LinkedHashMap<>();
        tree.put("mpd", ordered(networks.mpd().stateDict()));
        tree.put("msd", ordered(networks.msd().stateDict()));
        tree.put("optim_g", tree(OptimiserState.of(networks.generatorOptimiser()), networks, training));
        AdamW judges = networks.discriminatorOptimiser();
        tree.put("optim_d", tree(slim ? OptimiserState.fresh(judges) : OptimiserState.of(judges), networks, training));
        tree.put("steps", steps);
        tree.put("epoch", epoch);
        return tree;
    }

    private static Map<Object, Object> tree(OptimiserState state, Networks networks, TrainingConfig training) {
        return state.toTree(training, networks.generatorOptimiser().learningRate());
    }

    private static OrderedDict ordered(Map<String, NdArray> weights) {
        OrderedDict dict = new OrderedDict();
        dict.putAll(weights);
        return dict;
    }

    /**
     * Reads a pair, ours or the official code's of any version.
     *
     * @throws IOException if a file is damaged or lacks something; names it
     */
    static Checkpoint read(Path generatorFile, Path restFile) throws IOException {
        Map<String, NdArray> generator = StateDict.fromCheckpoint(generatorFile);
        Object tree = PyTorchFile.read(restFile);
        try {
            Map<?, ?> rest = Trees.map("the content", tree);
            return new Checkpoint(TrainableWeights.named(generator), arrays(rest, "mpd"), arrays(rest, "msd"),
                    OptimiserState.fromTree("optim_g", rest.get("optim_g")),
                    OptimiserState.fromTree("optim_d", rest.get("optim_d")),
                    Trees.integer("steps", rest.get("steps")), epoch(rest.get("epoch")));
        } catch (IOException e) {
            throw new IOException(restFile + ": " + e.getMessage(), e);
        }
    }

    private static long epoch(Object value) throws IOException {
        long epoch = Trees.integer("epoch", value);
        if (epoch < 0 || epoch > Integer.MAX_VALUE) {
            throw new IOException("epoch is " + epoch + ", expected 0 to " + Integer.MAX_VALUE);
        }
        return epoch;
    }

    /** The discriminators of a {@code do_} file, to start from together with a generator. */
    static Networks.Start readDiscriminators(Path restFile, Map<String, NdArray> generator) throws IOException {
        Object tree = PyTorchFile.read(restFile);
        try {
            Map<?, ?> rest = Trees.map("the content", tree);
            return new Networks.Start(generator, arrays(rest, "mpd"), arrays(rest, "msd"));
        } catch (IOException e) {
            throw new IOException(restFile + ": " + e.getMessage(), e);
        }
    }

    private static Map<String, NdArray> arrays(Map<?, ?> rest, String part) throws IOException {
        return TrainableWeights.named(Trees.arrays(part, rest.get(part)));
    }

    Networks.Start start() {
        return new Networks.Start(generator, mpd, msd);
    }

    /** Lets the optimisers go on where they were. */
    void restore(Networks networks) {
        generatorOptimiser.restore(networks.generatorOptimiser());
        discriminatorOptimiser.restore(networks.discriminatorOptimiser());
    }
}
