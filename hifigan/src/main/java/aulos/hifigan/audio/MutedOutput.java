// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio;

import java.io.IOException;
import java.io.PrintStream;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps a library from printing lines on standard output. jflac prints one for each escape-coded partition, which is legal
 * though few encoders write it. Only threads that work here are silent, as many as there are: what others print meanwhile
 * gets through.
 */
final class MutedOutput {
    private static final Set<Thread> SILENT = ConcurrentHashMap.newKeySet();
    private static PrintStream standard;
    private static PrintStream forOthers;

    /** What may print. */
    @FunctionalInterface
    interface Work<T> {
        T run() throws IOException;
    }

    private static final class ForOthers extends PrintStream {
        ForOthers(PrintStream standard) {
            super(standard, true);
        }

        @Override
        public void println(String line) {
            if (!SILENT.contains(Thread.currentThread())) {
                super.println(line);
            }
        }
    }

    private MutedOutput() {}

    static <T> T mutedWhile(Work<T> work) throws IOException {
        enter();
        try {
            return work.run();
        } finally {
            leave();
        }
    }

    /** Standard output is the whole program's: the first replaces it, the last puts it back. */
    private static synchronized void enter() {
        if (SILENT.isEmpty()) {
            if (standard != System.out) {
                standard = System.out;
                forOthers = new ForOthers(standard);
            }
            System.setOut(forOthers);
        }
        SILENT.add(Thread.currentThread());
    }

    private static synchronized void leave() {
        SILENT.remove(Thread.currentThread());
        // Unless somebody has put another one there meanwhile.
        if (SILENT.isEmpty() && System.out == forOthers) {
            System.setOut(standard);
        }
    }
}
