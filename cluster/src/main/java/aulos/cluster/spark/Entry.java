// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.spark;

import aulos.cluster.spark.store.Store;
import aulos.cluster.spark.store.Tables;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/**
 * A row of a task's table, without the result itself.
 *
 * @param run that wrote it
 * @param input the clip
 * @param first of the piece's frames
 * @param frames of the piece
 * @param total frames of the clip
 * @param texts by {@link Journal#TEXTS}, null where there is none
 * @param numbers by {@link Journal#NUMBERS}, NaN where there is none
 */
@SuppressWarnings("ArrayRecordComponent")
record Entry(long run, String input, long first, int frames, long total, String[] texts, double[] numbers)
        implements Serializable {

    /** Tables that are read by one task: small files, each a request or two. */
    private static final int READ_TOGETHER = 64;

    /** Those of all tasks that have been committed, in no order. */
    static JavaRDD<Entry> all(JavaSparkContext context, Store store, Settings settings,
            Broadcast<SerializableConfiguration> hadoop) throws IOException {
        List<String> files = new ArrayList<>();
        for (LocatedFileStatus file : store.walk(Layout.of(settings).tasks())) {
            files.add(file.getPath().toString());
        }
        return context.parallelize(files, Math.max(1, Math.ceilDiv(files.size(), READ_TOGETHER)))
                .flatMap(file -> read(new Store(hadoop.value().value()), new Path(file)).iterator());
    }

    private static List<Entry> read(Store store, Path file) throws IOException {
        List<Entry> entries = new ArrayList<>();
        Tables.read(store, file, Journal.COLUMNS, row -> entries.add(of(row)));
        return entries;
    }

    private static Entry of(Group row) {
        String[] texts = new String[Journal.TEXTS.size()];
        for (int i = 0; i < texts.length; i++) {
            String column = Journal.TEXTS.get(i);
            texts[i] = row.getFieldRepetitionCount(column) == 0 ? null : row.getString(column, 0);
        }
        double[] numbers = new double[Journal.NUMBERS.size()];
        for (int i = 0; i < numbers.length; i++) {
            String column = Journal.NUMBERS.get(i);
            numbers[i] = row.getFieldRepetitionCount(column) == 0 ? Double.NaN : row.getDouble(column, 0);
        }
        return new Entry(row.getLong("run", 0), row.getString("path", 0), row.getLong("first_frame", 0),
                row.getInteger("frames", 0), row.getLong("total_frames", 0), texts, numbers);
    }

    String text(String column) {
        return texts[Journal.TEXTS.indexOf(column)];
    }

    double number(String column) {
        return numbers[Journal.NUMBERS.indexOf(column)];
    }
}
