// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import aulos.hifigan.train.TinyRun;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainCommandTest {
    @TempDir
    private Path folder;

    private TinyRun run;
    private Path out;

    @BeforeEach
    void write() throws IOException {
        run = new TinyRun(folder, 4);
        out = folder.resolve("out");
    }

    private Cli train(String... more) {
        List<String> arguments = new ArrayList<>(run.arguments(out));
        arguments.addAll(List.of(more));
        return Cli.run(arguments.toArray(String[]::new));
    }

    @Test
    void aDryRunWritesNothing() {
        Cli dry = train("--dry-run", "--device", "cpu");
        assertThat(dry.exitCode()).as(dry.err()).isZero();
        assertThat(dry.err()).contains("4 training clips, 1 validation clips, 2 steps in an epoch", "mel error",
                "MiB of tensors");
        assertThat(out).doesNotExist();
    }

    @Test
    void profilesWithOfficialOptions() throws IOException {
        Cli profiled = Cli.run("train", "--config", run.configFile().toString(), "--input_wavs_dir",
                run.wavs().toString(), "--input_training_file", run.trainList().toString(), "--input_validation_file",
                run.validList().toString(), "--checkpoint_path", out.toString(), "--training_epochs", "1",
                "--stdout_interval", "1", "--checkpoint_interval", "1", "--summary_interval", "1",
                "--validation_interval", "5", "--fine_tuning", "False", "--group_name", "x", "--discriminator-width",
                "8", "--profile");
        assertThat(profiled.exitCode()).as(profiled.err()).isZero();
        assertThat(profiled.out()).contains("kernel", "ConvWeightGradient", "AdamW", "100.0%");
        assertThat(JsonParser.parseString(Files.readString(out.resolve("profile.json"))).getAsJsonArray().get(0)
                .getAsJsonObject().keySet()).contains("name", "ts", "dur", "args");
        assertThat(out.resolve("g_00000001")).isRegularFile();
        assertThat(profiled.err()).contains("step 1, epoch 0: mel error");
    }

    @Test
    void mistakesAreOneLine() throws IOException {
        assertThat(train("--fine-tune").errors()).containsExactly("aulos: --fine-tune needs --mels, the folder of the "
                + "mels to train on (see 'aulos train --help')");
        assertThat(train("--fine-tune").exitCode()).isEqualTo(2);
        Cli width = train("--keep", "0");
        assertThat(width.exitCode()).isEqualTo(1);
        assertThat(width.errors()).containsExactly("aulos: number of checkpoints to keep is 0, expected at least 1");
        assertThat(train("--batch-size", "5").errors()).last().isEqualTo(
                "aulos: the training list names 4 clips, expected at least batch_size, which is 5");
        Files.delete(run.validList());
        assertThat(train("--max-steps", "1").errors()).last().isEqualTo("aulos: " + run.validList() + ": no such file");
    }

    @Test
    void helpListsTheOptions() {
        assertThat(Cli.run("train", "--help").out()).contains("--init-from", "--max-steps", "--dry-run", "--profile",
                "--discriminator-width", "--keep").doesNotContain("group_name");
    }
}
