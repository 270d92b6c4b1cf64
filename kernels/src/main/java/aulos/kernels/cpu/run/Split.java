// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.run;

/** Splits loops over all cores, in pieces long enough to be worth the hand-over. */
public final class Split {
    /** A piece of a loop: indices {@code from} to {@code to − 1}. */
    public interface Range {
        void run(int from, int to);
    }

    /** Elements per piece, at least: a few microseconds of memory traffic. */
    private static final int GRAIN = 16_384;
    private static final int PIECES_PER_THREAD = 4;
    /** Pieces begin at whole cache lines, so that two cores do not write to the same one. */
    private static final int LINE = 16;

    private Split() {}

    /** A loop over {@code size} elements of an array. */
    public static void elements(WorkerPool pool, int size, Range body) {
        int wanted = Math.max(GRAIN, size / (pool.threads() * PIECES_PER_THREAD) + 1);
        run(pool, size, (wanted + LINE - 1) & -LINE, body);
    }

    /** A loop over {@code rows} pieces of work that touch {@code cost} elements each. */
    public static void rows(WorkerPool pool, int rows, long cost, Range body) {
        long enough = Math.max(1, GRAIN / Math.max(1, cost));
        run(pool, rows, (int) Math.max(enough, rows / (pool.threads() * PIECES_PER_THREAD)), body);
    }

    private static void run(WorkerPool pool, int size, int piece, Range body) {
        int count = (int) (((long) size + piece - 1) / piece);
        pool.run(count, (index, worker) -> {
            int from = index * piece;
            body.run(from, (int) Math.min(size, (long) from + piece));
        });
    }
}
