// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.spark;

import aulos.cluster.spark.store.Store;
import aulos.cluster.spark.store.Tables;
import java.io.IOException;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/** Writes one file of the table of inputs: a row for each, of the newest entries of its pieces. */
record ManifestPart(Settings settings, Broadcast<SerializableConfiguration> hadoop, long run)
        implements FlatMapFunction<Iterator<Iterable<Entry>>, Manifest> {

    @Override
    public Iterator<Manifest> call(Iterator<Iterable<Entry>> inputs) throws IOException {
        Store store = new Store(hadoop.value().value());
        Layout layout = Layout.of(settings);
        MessageType schema = schema();
        Path temporary = new Path(layout.temporary(run, TaskContext.get().taskAttemptId()), "inputs");
        Manifest sum = Manifest.empty();
        try (ParquetWriter<Group> writer = Tables.writer(store, temporary, schema)) {
            while (inputs.hasNext()) {
                Collection<Entry> pieces = newest(inputs.next());
                Group row = row(schema, layout, pieces);
                writer.write(row);
                sum = sum.plus(counted(row));
            }
        }
        store.rename(temporary, new Path(layout.newManifest(), TaskContext.getPartitionId() + ".parquet"));
        return List.of(sum).iterator();
    }

    private List<String> measures() {
        return switch (settings.action()) {
            case EVAL -> Journal.MEASURES;
            case VOCODE, MEL -> settings.parquet() ? List.of("mel_error") : List.of();
        };
    }

    private MessageType schema() {
        StringBuilder measures = new StringBuilder();
        measures().forEach(column -> measures.append("optional double ").append(column).append(';'));
        return MessageTypeParser.parseMessageType("""
                message input {
                    required binary input (STRING);
                    optional binary %s (STRING);
                    required double seconds;
                    optional double real_time_factor;
                    optional binary device (STRING);
                    %s
                    optional binary note (STRING);
                    optional binary error (STRING);
                }
                """.formatted(other(), measures));
    }

    /** What an input is shown with. */
    private String other() {
        return settings.action() == Settings.Action.EVAL ? "reference" : "output";
    }

    /** What a later run has made of the same frames counts. */
    private static Collection<Entry> newest(Iterable<Entry> entries) {
        Map<Long, Entry> pieces = new TreeMap<>();
        for (Entry entry : entries) {
            pieces.merge(entry.first(), entry, (one, two) -> one.run() > two.run() ? one : two);
        }
        return pieces.values();
    }

    private Group row(MessageType schema, Layout layout, Collection<Entry> pieces) {
        double seconds = pieces.stream().mapToDouble(piece -> piece.number("duration")).sum();
        double computing = pieces.stream().mapToDouble(piece -> piece.number("compute_seconds")).sum();
        Group row = new SimpleGroup(schema).append("input", pieces.iterator().next().input()).append("seconds", seconds);
        if (computing > 0) {
            row.append("real_time_factor", seconds / computing);
        }
        append(row, other(), switch (settings.action()) {
            case EVAL -> text(pieces, "reference");
            case VOCODE, MEL -> settings.parquet() ? layout.tasks().toString()
                    : layout.out() + "/" + text(pieces, "output");
        });
        for (String column : List.of("device", "note", "error")) {
            append(row, column, text(pieces, column));
        }
        for (String column : measures()) {
            mean(row, column, pieces);
        }
        return row;
    }

    private static void append(Group row, String column, String text) {
        if (text != null) {
            row.append(column, text);
        }
    }

    /** The last of those that the pieces have, in the order of the alphabet: the same whichever came first. */
    private static String text(Collection<Entry> pieces, String column) {
        String last = null;
        for (Entry piece : pieces) {
            String text = piece.text(column);
            last = text == null || (last != null && last.compareTo(text) >= 0) ? last : text;
        }
        return last;
    }

    /** By frames; of a clip in one piece, its value. */
    private static void mean(Group row, String column, Collection<Entry> pieces) {
        List<Entry> measured = pieces.stream().filter(piece -> !Double.isNaN(piece.number(column))).toList();
        long frames = measured.stream().mapToLong(Entry::frames).sum();
        if (measured.size() == 1) {
            row.append(column, measured.getFirst().number(column));
        } else if (frames > 0) {
            row.append(column, measured.stream().mapToDouble(piece -> piece.number(column) * piece.frames()).sum() / frames);
        }
    }

    private Manifest counted(Group row) {
        Manifest one = Manifest.empty();
        boolean broken = row.getFieldRepetitionCount("error") > 0;
        if (broken) {
            one.named().put(row.getString("input", 0), row.getString("error", 0));
        }
        for (String column : measures()) {
            if (row.getFieldRepetitionCount(column) > 0) {
                int index = Journal.MEASURES.indexOf(column);
                one.sums()[index] = row.getDouble(column, 0);
                one.counts()[index] = 1;
            }
        }
        return new Manifest(1, broken ? 1 : 0, one.named(), one.sums(), one.counts());
    }
}
