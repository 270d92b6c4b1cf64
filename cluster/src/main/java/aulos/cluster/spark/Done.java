// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.spark;

import aulos.cluster.spark.store.Store;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** What earlier runs into the same folder have done. */
final class Done {
    private final Layout layout;
    private final boolean files;
    /** Clips that were made in one piece. */
    private final Set<String> whole = new HashSet<>();
    /** How many frames are made of clips that were cut, and how many they have. */
    private final Map<String, long[]> frames = new HashMap<>();
    private final Set<String> ranges = new HashSet<>();
    /** Relative to the output folder. */
    private final Set<String> present = new HashSet<>();

    private Done(Layout layout, boolean files) {
        this.layout = layout;
        this.files = files;
    }

    static Done read(SparkSession spark, Store store, Settings settings) throws IOException {
        Layout layout = Layout.of(settings);
        Done done = new Done(layout, !settings.parquet() && settings.action() != Settings.Action.EVAL);
        if (!store.exists(layout.tasks())) {
            return done;
        }
        Dataset<Row> rows = spark.read().parquet(layout.tasks().toString()).where("error IS NULL")
                .select("path", "first_frame", "frames", "total_frames");
        for (Iterator<Row> all = rows.toLocalIterator(); all.hasNext();) {
            Row row = all.next();
            done.add(row.getString(0), row.getLong(1), row.getInt(2), row.getLong(3));
        }
        if (done.files) {
            int prefix = layout.out().toString().length() + 1;
            for (LocatedFileStatus file : store.walk(layout.out())) {
                done.present.add(file.getPath().toString().substring(prefix));
            }
        }
        return done;
    }

    private void add(String path, long first, int count, long total) {
        if (count == total) {
            whole.add(path);
        } else if (ranges.add(path + "\n" + first)) {
            frames.computeIfAbsent(path, _ -> new long[] {0, total})[0] += count;
        }
    }

    /** Whether nothing of it is to be done. */
    boolean has(Clip clip) {
        long[] made = frames.get(clip.input());
        return (whole.contains(clip.input()) || (made != null && made[0] == made[1]))
                && (!files || present.contains(clip.output()));
    }

    boolean has(Piece piece) {
        return !piece.isWhole() && ranges.contains(piece.clip().input() + "\n" + piece.first())
                && (!files || present.contains(relative(piece)));
    }

    private String relative(Piece piece) {
        return layout.part(piece.clip(), piece.first()).toString().substring(layout.out().toString().length() + 1);
    }
}
