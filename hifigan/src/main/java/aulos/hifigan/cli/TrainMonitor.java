// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import aulos.hifigan.train.Monitor;
import java.util.Locale;

/** Shows a run on the console, and stops it at Ctrl-C. */
final class TrainMonitor implements Monitor, AutoCloseable {
    /** Weight of the newest step in the seconds per step that are shown. */
    private static final double NEWEST = 0.1;

    private final Aulos aulos;
    private final Interrupt interrupt;
    private volatile Progress progress = Progress.none();
    private double secondsPerStep;

    TrainMonitor(Aulos aulos) {
        this.aulos = aulos;
        this.interrupt = new Interrupt(() -> say("interrupted: finishing the step, then saving"));
    }

    @Override
    public void say(String line) {
        progress.aside(() -> aulos.say(line));
    }

    @Override
    public void starts(long remaining) {
        // -1 is the bar's own word for "not known".
        progress = Progress.ofSteps("train", remaining == Long.MAX_VALUE ? -1 : remaining);
    }

    @Override
    public void stepped(double seconds) {
        secondsPerStep = secondsPerStep == 0 ? seconds : secondsPerStep + NEWEST * (seconds - secondsPerStep);
        progress.step(String.format(Locale.ROOT, "%.2f s/step", secondsPerStep));
    }

    @Override
    public boolean stopRequested() {
        return interrupt.requested();
    }

    @Override
    public void close() {
        progress.close();
        interrupt.close();
    }
}
