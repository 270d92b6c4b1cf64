// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import aulos.engine.NdArray;
import aulos.engine.Scope;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import aulos.engine.nn.WeightForm;
import aulos.engine.nn.Weights;
import aulos.hifigan.model.Generator;
import aulos.hifigan.model.HifiGanConfig;
import aulos.kernels.opencl.OpenClBackend;
import java.util.Arrays;

/**
 * What it costs the host to start a synthesis, apart from what the device computes.
 *
 * @param launches kernels of one pass
 * @param arguments of kernels that are set in one pass
 * @param hostSeconds until all is started, median
 * @param seconds until all is done, median
 */
record HostTime(long launches, long arguments, double hostSeconds, double seconds) {
    private static final int WARM_UPS = 30;
    private static final int PASSES = 31;

    double microsecondsPerKernel() {
        return 1e6 * hostSeconds / launches;
    }

    static HostTime of(HifiGanConfig config, int frames, OpenClBackend backend) {
        double[] host = new double[PASSES];
        double[] whole = new double[PASSES];
        long launches = 0;
        long arguments = 0;
        try (Scope owner = Scope.unattached()) {
            Generator generator = new Generator(config, Weights.of(backend, owner, RandomWeights.of(config)),
                    WeightForm.PLAIN);
            Tensor mel;
            try (Scope scope = Scope.open()) {
                mel = owner.adopt(Tensor.of(backend, NdArray.of(Shape.of(1, config.mel().mels(), frames),
                        RandomWeights.mel(config, frames))));
            }
            for (int pass = -WARM_UPS; pass < PASSES; pass++) {
                launches = backend.launches();
                arguments = backend.argumentsSet();
                try (Scope scope = Scope.open()) {
                    backend.sync();
                    long start = System.nanoTime();
                    generator.forward(mel);
                    long started = System.nanoTime();
                    backend.sync();
                    if (pass >= 0) {
                        host[pass] = (started - start) / 1e9;
                        whole[pass] = (System.nanoTime() - start) / 1e9;
                    }
                }
                launches = backend.launches() - launches;
                arguments = backend.argumentsSet() - arguments;
            }
        }
        return new HostTime(launches, arguments, median(host), median(whole));
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }
}
