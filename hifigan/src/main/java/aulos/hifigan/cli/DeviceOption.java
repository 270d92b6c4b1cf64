// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import aulos.engine.Backend;
import aulos.engine.Backends;
import aulos.engine.Precision;
import java.util.List;
import picocli.CommandLine.Option;

/** {@code --device}, {@code --precision} and {@code --exact}. */
final class DeviceOption {
    private static final String AUTO = "auto";
    /** See {@link aulos.kernels.cpu.CpuProvider}. */
    private static final String THREADS = "aulos.cpu.threads";

    @Option(
            names = "--device",
            paramLabel = "D",
            defaultValue = AUTO,
            description = "What computes: auto, or one that 'aulos devices' lists. Training takes several, as in "
                    + "opencl:0,1, which share each batch. Default: ${DEFAULT-VALUE}.")
    private String device;

    @Option(
            names = "--precision",
            paramLabel = "P",
            defaultValue = "float32",
            description = "What the operands of convolutions are rounded to: ${COMPLETION-CANDIDATES}; sums stay float32. "
                    + "Tf32 and bf16 need the tensor cores of an NVIDIA GPU. Default: ${DEFAULT-VALUE}.")
    private Precision precision;

    @Option(
            names = "--exact",
            description = "Sum every convolution as its formula says: slower, and a little less rounding noise.")
    private boolean exact;

    private boolean announced;

    /**
     * Opens the device.
     *
     * @throws WrongUsage if there is no such kind
     * @throws IllegalStateException if there is no such device of that kind, or it lacks the precision
     */
    Backend open() {
        try {
            Backend backend = Backends.open(device, exact);
            round(List.of(backend));
            return backend;
        } catch (IllegalArgumentException e) {
            throw new WrongUsage(e.getMessage());
        }
    }

    /** Devices that are closed together. */
    record Opened(List<Backend> backends) implements AutoCloseable {
        @Override
        public void close() {
            backends.forEach(Backend::close);
        }
    }

    /**
     * Opens all the devices that it names.
     *
     * @throws WrongUsage if there is no such kind
     * @throws IllegalStateException if there is no such device of that kind, or it lacks the precision
     */
    Opened openAll() {
        return open(device);
    }

    /** Opens this rank's one device of those that {@link #openAll} would open; of the processor, its share of the cores. */
    Opened openShare(RankPlace place) {
        if (System.getProperty(THREADS) == null) {
            System.setProperty(THREADS, Integer.toString(place.threads(Runtime.getRuntime().availableProcessors())));
        }
        return open(place.device(device));
    }

    private Opened open(String name) {
        try {
            List<Backend> backends = Backends.openAll(name, exact);
            round(backends);
            return new Opened(backends);
        } catch (IllegalArgumentException e) {
            throw new WrongUsage(e.getMessage());
        }
    }

    private void round(List<Backend> backends) {
        try {
            backends.forEach(backend -> backend.useConvolutionPrecision(precision));
        } catch (IllegalStateException e) {
            backends.forEach(Backend::close);
            throw e;
        }
    }

    /** What it was given. */
    String name() {
        return device;
    }

    Precision precision() {
        return precision;
    }

    /** Says once which device it is and why; only when it has work, so that bad input is answered in one line. */
    void announce(Aulos aulos, Backend backend, Progress progress) {
        announce(aulos, List.of(backend), progress);
    }

    /** As for one device, a line for each. */
    void announce(Aulos aulos, List<Backend> backends, Progress progress) {
        if (!announced) {
            String why = device.equals(AUTO) ? "--device auto: the best that is there" : "--device " + device;
            backends.forEach(backend -> progress
                    .aside(() -> aulos.say("device " + backend.description() + " (" + why + ")")));
            announced = true;
        }
    }
}
