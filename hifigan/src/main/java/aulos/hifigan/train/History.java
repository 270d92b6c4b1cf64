// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import aulos.engine.io.AtomicFile;
import aulos.hifigan.train.log.LossCurve;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** The losses so far, as {@code losses.csv} and as pictures in the run's folder; it outlives the process. */
final class History {
    private static final String HEADER = "step,generator,discriminators,mel_error,validation_mel_error";

    /** Values that were not measured at a step are NaN. */
    record Row(long step, double generator, double discriminators, double melError, double validation) {
        private static Row parse(String line) {
            String[] fields = line.split(",", -1);
            if (fields.length != 5) {
                throw new IllegalArgumentException(fields.length + " fields, expected 5");
            }
            return new Row(Long.parseLong(fields[0]), Double.parseDouble(fields[1]), Double.parseDouble(fields[2]),
                    Double.parseDouble(fields[3]), Double.parseDouble(fields[4]));
        }

        private String line() {
            return step + "," + generator + "," + discriminators + "," + melError + "," + validation;
        }
    }

    private final Path folder;
    private final List<Row> rows = new ArrayList<>();

    /**
     * @param before drops what a session wrote after the checkpoint that this one starts from
     * @throws IOException if the file is there but damaged
     */
    History(Path folder, long before) throws IOException {
        this.folder = folder;
        Path file = file();
        if (Files.exists(file)) {
            int number = 0;
            for (String line : Files.readAllLines(file)) {
                if (number++ > 0) {
                    try {
                        rows.add(Row.parse(line));
                    } catch (IllegalArgumentException e) {
                        throw new IOException(file + ": line " + number + " is damaged: " + e.getMessage(), e);
                    }
                }
            }
            rows.removeIf(row -> row.step >= before);
        }
    }

    private Path file() {
        return folder.resolve("losses.csv");
    }

    List<Row> rows() {
        return rows;
    }

    void add(long step, StepLosses losses) {
        rows.add(new Row(step, losses.generatorTotal(), losses.discriminatorTotal(), losses.melError(), Double.NaN));
    }

    void addValidation(long step, double melError) {
        rows.add(new Row(step, Double.NaN, Double.NaN, Double.NaN, melError));
    }

    /** Writes the table; when this returns it is on the disk. */
    void writeTable() throws IOException {
        AtomicFile.writeDurably(file(), out -> {
            out.write((HEADER + "\n").getBytes(StandardCharsets.US_ASCII));
            for (Row row : rows) {
                out.write((row.line() + "\n").getBytes(StandardCharsets.US_ASCII));
            }
        });
    }

    /** Writes the table and draws the curves. */
    void write() throws IOException {
        writeTable();
        draw("mel_error.png", "mel error, which tells the quality",
                List.of(curve("training", Row::melError), curve("validation", Row::validation)));
        draw("losses.png", "losses, which balance each other",
                List.of(curve("generator", Row::generator), curve("discriminators", Row::discriminators)));
    }

    private void draw(String name, String title, List<Optional<LossCurve.Series>> curves) throws IOException {
        LossCurve.Series[] measured = curves.stream().flatMap(Optional::stream).toArray(LossCurve.Series[]::new);
        if (measured.length > 0) {
            LossCurve.write(folder.resolve(name), title, measured);
        }
    }

    private Optional<LossCurve.Series> curve(String name, ToDoubleFunction<Row> value) {
        List<Row> measured = rows.stream().filter(row -> Double.isFinite(value.applyAsDouble(row))).toList();
        return measured.isEmpty() ? Optional.empty()
                : Optional.of(new LossCurve.Series(name, measured.stream().map(Row::step).toList(),
                        measured.stream().map(value::applyAsDouble).toList()));
    }
}
