// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio;

import java.io.IOException;
import java.io.PrintStream;

/**
 * Keeps a library from printing lines on standard output. jflac prints one for each escape-coded partition, which is legal
 * though few encoders write it. Only the calling thread is silent: what others print meanwhile gets through.
 */
final class MutedOutput {
    private PrintStream standard;
    private ForOthers forOthers;

    /** What may print. */
    @FunctionalInterface
    interface Work<T> {
        T run() throws IOException;
    }

    private static final class ForOthers extends PrintStream {
        private volatile Thread silent;

        ForOthers(PrintStream standard) {
            super(standard, true);
        }

        @Override
        public void println(String line) {
            if (Thread.currentThread() != silent) {
                super.println(line);
            }
        }
    }

    <T> T mutedWhile(Work<T> work) throws IOException {
        // Standard output is the whole program's: two at a time would restore it in the wrong order.
        synchronized (MutedOutput.class) {
            if (standard != System.out) {
                standard = System.out;
                forOthers = new ForOthers(standard);
            }
            forOthers.silent = Thread.currentThread();
            System.setOut(forOthers);
            try {
                return work.run();
            } finally {
                System.setOut(standard);
            }
        }
    }
}
