// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.spark;

import aulos.cluster.spark.store.Store;
import aulos.cluster.spark.store.Tables;
import aulos.hifigan.eval.Scores;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/**
 * What one task has done, a row for each piece: a Parquet file that takes its name when the task is committed, and says by
 * that which results there are. Not written by Spark, whose own commit of a job loses all tasks' rows with its driver.
 */
final class Journal implements AutoCloseable {
    static final List<String> TEXTS = List.of("output", "reference", "device", "note", "error");
    /** What an evaluation, and of results in tables the vocoder, measures. */
    static final List<String> MEASURES =
            List.of("mel_error", "stft_distance", "mcd_db", "f0_rmse_cents", "voicing_error");
    static final List<String> NUMBERS = Stream.concat(Stream.of("duration", "compute_seconds"), MEASURES.stream()).toList();

    private static final String SCHEMA = """
            message piece {
                required int64 run;
                required binary path (STRING);
                optional binary output (STRING);
                optional binary reference (STRING);
                required int64 first_frame;
                required int32 frames;
                required int64 total_frames;
                required int32 sampling_rate;
                required double duration;
                required double compute_seconds;
                optional binary device (STRING);
                optional binary content;
                optional double mel_error;
                optional double stft_distance;
                optional double mcd_db;
                optional double f0_rmse_cents;
                optional double voicing_error;
                optional binary note (STRING);
                optional binary error (STRING);
            }
            """;

    /** All but the results. */
    static final MessageType COLUMNS =
            MessageTypeParser.parseMessageType(SCHEMA.replaceFirst(" *optional binary content;\n", ""));

    private final MessageType schema;
    private final Settings settings;
    private final long run;
    private final ParquetWriter<Group> writer;

    Journal(Settings settings, long run, Store store, Path file) throws IOException {
        this.schema = MessageTypeParser.parseMessageType(SCHEMA.replace("content", content(settings.action())));
        this.settings = settings;
        this.run = run;
        this.writer = Tables.writer(store, file, schema);
    }

    void add(Piece piece, Maker.Result result) throws IOException {
        Clip clip = piece.clip();
        Group row = new SimpleGroup(schema).append("run", run).append("path", clip.input())
                .append("first_frame", piece.first()).append("frames", piece.count())
                .append("total_frames", clip.frames()).append("sampling_rate", settings.parsed().mel().samplingRate())
                .append("duration", piece.seconds()).append("compute_seconds", result.seconds());
        if (!settings.parquet() && settings.action() != Settings.Action.EVAL) {
            row.append("output", clip.output());
        }
        append(row, "reference", clip.reference());
        append(row, "device", result.device());
        append(row, "note", clip.note());
        append(row, "error", result.error());
        if (settings.parquet() && result.content() != null) {
            row.append(content(settings.action()), Binary.fromConstantByteArray(result.content()));
        }
        append(row, "mel_error", result.melError());
        Scores scores = result.scores();
        if (scores != null) {
            append(row, "stft_distance", scores.stft().total());
            append(row, "mcd_db", scores.mcdDb());
            append(row, "f0_rmse_cents", scores.f0RmseCents());
            append(row, "voicing_error", scores.voicingError());
        }
        writer.write(row);
    }

    /** The column of a result. */
    static String content(Settings.Action action) {
        return action == Settings.Action.MEL ? "mel" : "audio";
    }

    private static void append(Group row, String column, String value) {
        if (value != null) {
            row.append(column, value);
        }
    }

    private static void append(Group row, String column, Double value) {
        if (value != null) {
            row.append(column, value);
        }
    }

    @Override
    public void close() throws IOException {
        writer.close();
    }
}
