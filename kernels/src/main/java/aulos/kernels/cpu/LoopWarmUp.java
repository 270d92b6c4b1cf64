// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu;

import aulos.kernels.cpu.loop.MicroTile;
import aulos.kernels.cpu.loop.Phases;
import aulos.kernels.cpu.loop.Rows;
import aulos.kernels.cpu.loop.WinogradForm;
import aulos.kernels.cpu.loop.WinogradTransform;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Calls the vector loops behind a generator's convolutions on the least input that takes them through all their code, as
 * often as the JVM wants to be called before it compiles them ({@code jvm.flags}). Threads that run this share the loops.
 */
final class LoopWarmUp {
    /** One interpreted, one or two by the first compiler to be counted, then the second has it. */
    private static final int CALLS = 6;
    /** Two vectors, so that loops are seen to repeat; more would take longer. */
    private static final int WIDTH = WinogradTransform.WIDTH;
    /** Of the greatest array that a call needs, for 28 points. */
    private static final int SIZE = 32 * WIDTH;

    /** The next that nobody has begun; loops are compiled once in the life of a JVM. */
    private static final AtomicInteger NEXT = new AtomicInteger();

    private final float[] from = new float[SIZE];
    private final float[] to = new float[SIZE];

    /** What takes the compilers longest comes first. */
    private final List<Runnable> loops = List.of(
            () -> multiply(MicroTile.forRows(8)),
            () -> transform(new WinogradForm(11)),
            () -> transform(new WinogradForm(3)),
            () -> Phases.split(from, 0, WIDTH, to, 0, WIDTH),
            () -> Phases.join(from, 0, WIDTH, WIDTH, to, 0),
            () -> Rows.interleave(from, to, 0, 2, WIDTH),
            () -> multiply(MicroTile.forRows(1)),
            () -> Rows.tanh(to, 0, WIDTH),
            () -> Rows.leakyCopy(from, 0, 1, to, 0, WIDTH, 0.1f),
            () -> Rows.add(from, 0, 0, to, 0, 0, 1, WIDTH, 0.5f),
            () -> Rows.add(from, 0, from, 0, 0.5f, to, 0, WIDTH));

    void run() {
        for (int i = NEXT.getAndIncrement(); i < loops.size(); i = NEXT.getAndIncrement()) {
            for (int call = 0; call < CALLS; call++) {
                loops.get(i).run();
            }
        }
    }

    private void multiply(MicroTile tile) {
        tile.run(from, 0, new int[2], 2, from, 0, from, 0, to, 0, tile.width());
    }

    private void transform(WinogradForm form) {
        int[] offsets = new int[form.span()];
        Arrays.setAll(offsets, i -> i * WIDTH);
        WinogradTransform transform = new WinogradTransform(form, offsets);
        transform.input(from, 0, to, 0, WIDTH, WIDTH);
        transform.output(from, 0, 1, from, 0, to, offsets);
        WinogradTransform.carry(to, 0, 2);
    }
}
