// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv.job;

import aulos.engine.Backend.Reach;
import aulos.engine.ConvSpec;
import aulos.engine.Shape;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/** A way to compute convolutions and transposed ones. */
public interface ConvAlgorithm {
    /**
     * Whether it is a good way to compute a layer: its thresholds, each with the measurement that set it, stand beside it.
     * That depends on the layer alone, not on lengths, so that pieces of a signal come out as the whole does.
     */
    boolean suits(ConvSpec spec, Shape weight, boolean transposed);

    /** Which samples an output's last bits may depend on, of stride 1 and not transposed. */
    default Reach reach(ConvSpec spec, int kernelSize) {
        return Reach.exact(spec, kernelSize);
    }

    void run(ConvJob job);

    /** Whether it can compute a layer piece by piece, as {@link #streamed} does. */
    default boolean streams() {
        return false;
    }

    /** @throws UnsupportedOperationException if it does not {@link #streams} */
    default Streamed streamed(ConvJob job) {
        throw new UnsupportedOperationException(getClass().getSimpleName() + " computes whole layers only");
    }

    /** Whether a layer suits: see {@link ConvAlgorithm#suits}. */
    interface Rule {
        boolean suits(ConvSpec spec, Shape weight, boolean transposed);
    }

    /** One that computes whole layers only. */
    record Whole(Rule rule, BiFunction<ConvSpec, Integer, Reach> reaches, Consumer<ConvJob> runs) implements ConvAlgorithm {
        @Override
        public boolean suits(ConvSpec spec, Shape weight, boolean transposed) {
            return rule.suits(spec, weight, transposed);
        }

        @Override
        public Reach reach(ConvSpec spec, int kernelSize) {
            return reaches.apply(spec, kernelSize);
        }

        @Override
        public void run(ConvJob job) {
            runs.accept(job);
        }
    }
}
