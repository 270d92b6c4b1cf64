// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A progress bar over files, and over the parts of each, on standard error where that is a terminal; else nothing. */
final class Progress implements AutoCloseable {
    private static final int WIDTH = 80;
    private static final int INTERVAL_MILLIS = 200;
    /** Steps of the bar for each file. */
    private static final int STEPS = 1000;

    private final ProgressBar bar;
    private int begun;

    private Progress(ProgressBar bar) {
        this.bar = bar;
    }

    /**
     * @param task what is going on, in one word
     * @param files how many there will be
     */
    static Progress start(String task, int files) {
        return new Progress(isTerminal() ? bar(task, files) : null);
    }

    /**
     * A bar over equal steps.
     *
     * @param total how many there will be; −1 if that is unknown
     */
    static Progress ofSteps(String task, long total) {
        return new Progress(isTerminal() ? builder(task).setInitialMax(total).build() : null);
    }

    /** One that never shows. */
    static Progress none() {
        return new Progress(null);
    }

    /** One of equal steps is made. */
    void step(String detail) {
        if (bar != null) {
            bar.setExtraMessage(" " + detail);
            bar.step();
        }
    }

    /** The next file begins. */
    void next(String name) {
        if (bar != null) {
            bar.stepTo((long) begun * STEPS);
            bar.setExtraMessage(" " + name);
        }
        begun++;
    }

    /** So much of the file is done, from 0 to 1. */
    void part(double done) {
        if (bar != null) {
            bar.stepTo((long) ((begun - 1 + done) * STEPS));
        }
    }

    /** Prints something on its own lines, out of the bar's way. */
    void aside(Runnable print) {
        if (bar != null) {
            System.err.print("\r" + " ".repeat(WIDTH) + "\r");
            System.err.flush();
        }
        print.run();
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }

    private static ProgressBar bar(String task, int files) {
        return builder(task).setInitialMax((long) files * STEPS).setUnit(files == 1 ? " file" : " files", STEPS)
                .build();
    }

    private static ProgressBarBuilder builder(String task) {
        return new ProgressBarBuilder().setTaskName(task).setUpdateIntervalMillis(INTERVAL_MILLIS)
                .setStyle(ProgressBarStyle.ASCII).clearDisplayOnFinish()
                .setConsumer(new ConsoleProgressBarConsumer(System.err, WIDTH));
    }

    /** Java cannot tell whether standard error is a terminal; the launcher can, and says so. */
    private static boolean isTerminal() {
        return Boolean.getBoolean("aulos.terminal");
    }
}
