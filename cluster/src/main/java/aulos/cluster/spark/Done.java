// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.spark;

import aulos.cluster.spark.store.Store;
import java.io.IOException;
import java.io.Serializable;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

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

    static Done read(JavaSparkContext context, Store store, Settings settings, Broadcast<SerializableConfiguration> hadoop)
            throws IOException {
        Layout layout = Layout.of(settings);
        Done done = new Done(layout, !settings.parquet() && settings.action() != Settings.Action.EVAL);
        if (!store.exists(layout.tasks())) {
            return done;
        }
        Entry.all(context, store, settings, hadoop).filter(entry -> entry.text("error") == null).map(Span::of).collect()
                .forEach(done::add);
        if (done.files) {
            int prefix = layout.out().toString().length() + 1;
            for (LocatedFileStatus file : store.walk(layout.out())) {
                done.present.add(file.getPath().toString().substring(prefix));
            }
        }
        return done;
    }

    /** Frames that are done; less to send to the driver than an entry. */
    private record Span(String input, long first, int count, long total) implements Serializable {
        static Span of(Entry entry) {
            return new Span(entry.input(), entry.first(), entry.frames(), entry.total());
        }
    }

    private void add(Span span) {
        if (span.count == span.total) {
            whole.add(span.input);
        } else if (ranges.add(span.input + "\n" + span.first)) {
            frames.computeIfAbsent(span.input, _ -> new long[] {0, span.total})[0] += span.count;
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
