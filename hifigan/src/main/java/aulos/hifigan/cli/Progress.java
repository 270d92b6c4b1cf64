// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A progress bar on standard error where that is a terminal; otherwise nothing. */
final class Progress implements AutoCloseable {
    private static final int WIDTH = 80;
    private static final int INTERVAL_MILLIS = 200;

    private final ProgressBar bar;

    private Progress(ProgressBar bar) {
        this.bar = bar;
    }

    /**
     * @param task what is going on, in one word
     * @param total how many steps there will be
     */
    static Progress start(String task, long total) {
        return isTerminal() ? new Progress(bar(task, total)) : none();
    }

    /** One that never shows. */
    static Progress none() {
        return new Progress(null);
    }

    void step(long count) {
        if (bar != null) {
            bar.stepBy(count);
        }
    }

    /** Says what is being worked on. */
    void show(String detail) {
        if (bar != null) {
            bar.setExtraMessage(" " + detail);
        }
    }

    /** Makes room for a line of text; the bar comes back beneath it. */
    void clearLine() {
        if (bar != null) {
            System.err.print("\r\u001b[K");
            System.err.flush();
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }

    private static ProgressBar bar(String task, long total) {
        return new ProgressBarBuilder().setTaskName(task).setInitialMax(total).setUpdateIntervalMillis(INTERVAL_MILLIS)
                .setStyle(ProgressBarStyle.ASCII).setConsumer(new ConsoleProgressBarConsumer(System.err, WIDTH)).build();
    }

    /** Java cannot tell whether standard error is a terminal; the launcher can, and says so. */
    private static boolean isTerminal() {
        return Boolean.getBoolean("aulos.terminal");
    }
}
