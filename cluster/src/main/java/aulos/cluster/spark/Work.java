// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.spark;

import aulos.cluster.spark.store.Store;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/**
 * One task: makes its pieces under temporary names, then gives the files their names, then the journal. So a task that
 * dies leaves nothing that counts, and one that is done twice is done once: both made the same bytes.
 */
record Work(Broadcast<Settings> job, Broadcast<SerializableConfiguration> hadoop, long run)
        implements FlatMapFunction<Iterator<List<Piece>>, Work.Sum> {

    /** What a task did, for the driver's report. */
    record Sum(int pieces, int broken, double audioSeconds, double computeSeconds) implements java.io.Serializable {
        Sum plus(Sum other) {
            return new Sum(pieces + other.pieces, broken + other.broken, audioSeconds + other.audioSeconds,
                    computeSeconds + other.computeSeconds);
        }
    }

    @Override
    public Iterator<Sum> call(Iterator<List<Piece>> groups) throws IOException {
        List<Piece> pieces = new ArrayList<>();
        groups.forEachRemaining(pieces::addAll);
        Settings settings = job.value();
        Store store = new Store(hadoop.value().value());
        Layout layout = Layout.of(settings);
        Path temporary = layout.temporary(run, TaskContext.get().taskAttemptId());
        Maker maker = new Maker(settings, new Source(store), Studio.of(settings, job.id()));
        Map<Path, Path> files = new LinkedHashMap<>();
        Path rows = new Path(temporary, "rows");
        int broken = 0;
        double audio = 0;
        double compute = 0;
        try (Journal journal = new Journal(settings, run, store, rows)) {
            for (Piece piece : pieces) {
                if (TaskContext.get().isInterrupted()) {
                    throw new IllegalStateException("the task was stopped");
                }
                Maker.Result result = make(maker, piece);
                if (result.content() != null && !settings.parquet()) {
                    Path file = new Path(temporary, Integer.toString(files.size()));
                    try (OutputStream out = store.create(file)) {
                        out.write(result.content());
                    }
                    files.put(file, piece.isWhole() ? layout.output(piece.clip())
                            : layout.part(piece.clip(), piece.first()));
                }
                journal.add(piece, result);
                broken += result.error() == null ? 0 : 1;
                audio += result.error() == null ? piece.seconds() : 0;
                compute += result.seconds();
            }
        }
        for (Map.Entry<Path, Path> file : files.entrySet()) {
            store.rename(file.getKey(), file.getValue());
        }
        store.rename(rows, layout.task(run, TaskContext.getPartitionId()));
        store.delete(temporary);
        return List.of(new Sum(pieces.size(), broken, audio, compute)).iterator();
    }

    /** What is wrong with an input is in its row; what is wrong with the device, or memory, fails the task. */
    private static Maker.Result make(Maker maker, Piece piece) {
        if (piece.clip().error() != null) {
            return Maker.Result.broken(piece.clip().error());
        }
        try {
            return maker.make(piece);
        } catch (IOException | IllegalArgumentException | IllegalStateException e) {
            Failures.rethrowIfStopped(e);
            return Maker.Result.broken(Failures.line(e));
        }
    }
}
