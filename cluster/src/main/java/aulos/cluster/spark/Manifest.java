// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.spark;

import aulos.cluster.spark.store.Store;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/** The table of all inputs: a row for each, made from the newest rows of the tasks. */
final class Manifest {
    private static final String SCORES =
            ", avg(stft_distance) stft_distance, avg(mcd_db) mcd_db, avg(f0_rmse_cents) f0_rmse_cents,"
                    + " avg(voicing_error) voicing_error";

    private final Dataset<Row> rows;

    private Manifest(Dataset<Row> rows) {
        this.rows = rows;
    }

    /** Replaces the table of an earlier run. */
    static Manifest write(SparkSession spark, Store store, Settings settings) throws IOException {
        Layout layout = Layout.of(settings);
        spark.read().parquet(layout.tasks().toString()).drop(Journal.content(settings.action()))
                .createOrReplaceTempView("aulos_pieces");
        boolean eval = settings.action() == Settings.Action.EVAL;
        String measured = !eval && !settings.parquet() ? ""
                : ", try_divide(sum(mel_error * frames), sum(frames)) mel_error" + (eval ? SCORES : "");
        Dataset<Row> table = spark.sql("""
                SELECT path input, max(output) output, max(reference) reference, sum(duration) seconds,
                    try_divide(sum(duration), sum(compute_seconds)) real_time_factor, max(device) device %s, max(note) note,
                    max(error) error
                FROM (SELECT piece.* FROM (SELECT max_by(struct(*), run) piece FROM aulos_pieces
                    GROUP BY path, first_frame))
                GROUP BY path
                """.formatted(measured));
        table = eval ? table.drop("output") : table.drop("reference").withColumn("output", settings.parquet()
                ? functions.lit(layout.tasks().toString())
                : functions.concat(functions.lit(layout.out() + "/"), table.col("output")));
        Path temporary = new Path(layout.temporary(), "manifest");
        table.write().mode("overwrite").parquet(temporary.toString());
        store.delete(layout.manifest());
        store.rename(temporary, layout.manifest());
        return new Manifest(spark.read().parquet(layout.manifest().toString()));
    }

    /** How many inputs there are, and how many of them are broken. */
    long[] counts() {
        Row counts = rows.selectExpr("count(*)", "count(error)").first();
        return new long[] {counts.getLong(0), counts.getLong(1)};
    }

    /** Some inputs and what is wrong with them. */
    List<String> reasons(int limit) {
        return rows.where("error IS NOT NULL").orderBy("input").limit(limit).select("input", "error").collectAsList()
                .stream().map(row -> row.getString(1).startsWith(row.getString(0)) ? row.getString(1)
                        : row.getString(0) + ": " + row.getString(1)).toList();
    }

    /** Means over the inputs that could be evaluated. */
    Row means() {
        return rows.selectExpr("avg(mel_error)", "avg(stft_distance)", "avg(mcd_db)", "avg(f0_rmse_cents)",
                "avg(voicing_error)", "count(mel_error)").first();
    }
}
