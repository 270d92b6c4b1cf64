// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import aulos.engine.Backend;
import aulos.engine.Backends;
import picocli.CommandLine.Option;

/** {@code --device}. */
final class DeviceOption {
    private static final String AUTO = "auto";

    @Option(
            names = "--device",
            paramLabel = "D",
            defaultValue = AUTO,
            description = "What computes: auto, or one that 'aulos devices' lists. Default: ${DEFAULT-VALUE}.")
    private String device;

    private boolean announced;

    /**
     * Opens the device.
     *
     * @throws WrongUsage if there is no such kind
     * @throws IllegalStateException if there is no such device of that kind
     */
    Backend open() {
        try {
            return Backends.open(device);
        } catch (IllegalArgumentException e) {
            throw new WrongUsage(e.getMessage());
        }
    }

    /** What it was given. */
    String name() {
        return device;
    }

    /** Says once which device it is and why; only when it has work, so that bad input is answered in one line. */
    void announce(Aulos aulos, Backend backend, Progress progress) {
        if (!announced) {
            String why = device.equals(AUTO) ? "--device auto: the best that is there" : "--device " + device;
            progress.aside(() -> aulos.say("device " + backend.description() + " (" + why + ")"));
            announced = true;
        }
    }
}
