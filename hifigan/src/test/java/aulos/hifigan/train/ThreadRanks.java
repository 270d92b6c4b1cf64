// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import aulos.hifigan.train.ranks.Ranks;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.Phaser;
import java.util.stream.IntStream;

/** Ranks that are threads of one process and add in the order of the ranks: what hifigan asks of ranks, without MPI. */
final class ThreadRanks implements Ranks {
    /** What all have brought to the meeting that they are in. */
    private static final class Table {
        private final Phaser phaser;
        private final List<Object> brought;
        private final List<String> said = Collections.synchronizedList(new ArrayList<>());

        Table(int count) {
            phaser = new Phaser(count);
            brought = new ArrayList<>(Collections.nCopies(count, null));
        }
    }

    private final Table table;
    private final int rank;

    private ThreadRanks(Table table, int rank) {
        this.table = table;
        this.rank = rank;
    }

    static List<ThreadRanks> of(int count) {
        Table table = new Table(count);
        return IntStream.range(0, count).mapToObj(rank -> new ThreadRanks(table, rank)).toList();
    }

    private List<Object> meet(Object mine) {
        synchronized (table) {
            table.brought.set(rank, mine);
        }
        meet();
        List<Object> all = List.copyOf(table.brought);
        meet();
        return all;
    }

    private void meet() {
        if (table.phaser.arriveAndAwaitAdvance() < 0) {
            throw new IllegalStateException("another rank failed");
        }
    }

    List<String> said() {
        return table.said;
    }

    @Override
    public int rank() {
        return rank;
    }

    @Override
    public int count() {
        return table.brought.size();
    }

    @Override
    public List<byte[]> gather(byte[] mine) {
        return meet(mine).stream().map(bytes -> (byte[]) bytes).toList();
    }

    @Override
    public void broadcast(float[] values) {
        float[] first = (float[]) meet(values).getFirst();
        if (rank > 0) {
            System.arraycopy(first, 0, values, 0, values.length);
        }
        meet();
    }

    @Override
    public Future<?> mean(List<float[]> arrays) {
        List<float[]> means = arrays.stream().map(array -> new float[array.length]).toList();
        for (Object other : meet(arrays)) {
            for (int i = 0; i < means.size(); i++) {
                float[] values = (float[]) ((List<?>) other).get(i);
                for (int k = 0; k < values.length; k++) {
                    means.get(i)[k] += values[k];
                }
            }
        }
        meet();
        for (int i = 0; i < means.size(); i++) {
            for (int k = 0; k < means.get(i).length; k++) {
                arrays.get(i)[k] = means.get(i)[k] / count();
            }
        }
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void say(String line) {
        table.said.add("rank " + rank + ": " + line);
    }

    @Override
    public String summary() {
        return count() + " threads";
    }

    @Override
    public void abandon(String message) {
        table.phaser.forceTermination();
    }

    @Override
    public void close() {}
}
