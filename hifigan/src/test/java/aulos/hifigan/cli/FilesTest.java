// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Which files a command reads and which it writes. */
class FilesTest {
    @TempDir
    Path folder;

    private Path a;
    private Path b;

    @BeforeEach
    void files() throws IOException {
        for (String name : List.of("b.WAV", "a.wav", "c.flac", ".hidden.wav", "notes.txt")) {
            Files.createFile(folder.resolve(name));
        }
        Files.createDirectory(folder.resolve("d.wav"));
        a = folder.resolve("a.wav");
        b = folder.resolve("b.WAV");
    }

    private static Outputs outputs(String... args) {
        Outputs outputs = new Outputs();
        new CommandLine(CommandLine.Model.CommandSpec.create().addMixin("outputs",
                CommandLine.Model.CommandSpec.forAnnotatedObject(outputs))).parseArgs(args);
        return outputs;
    }

    private static String name(Path input) {
        return Outputs.stem(input) + "_generated.wav";
    }

    @Test
    void foldersStandForTheFilesInThem() throws IOException {
        List<String> audio = List.of(".wav", ".flac");
        assertThat(Inputs.expand(List.of(folder, folder.resolve("notes.txt"), folder.resolve("none")), audio))
                .containsExactly(a, b, folder.resolve("c.flac"), folder.resolve("notes.txt"), folder.resolve("none"));
        assertThatThrownBy(() -> Inputs.expand(List.of(folder), List.of(".npy", ".np")))
                .hasMessage(folder + ": has no file that ends in .npy, .np");
    }

    @Test
    void outIsAFileForOneInput() throws IOException {
        Path out = folder.resolve("result.wav");
        assertThat(outputs("--out", out.toString()).plan(List.of(a), ".wav", FilesTest::name)).containsEntry(a, out);
    }

    @Test
    void outIsAFolderOtherwise() throws IOException {
        Path made = folder.resolve("new/folder");
        assertThat(outputs("--out", made.toString()).plan(List.of(a, b), ".wav", FilesTest::name))
                .containsEntry(a, made.resolve("a_generated.wav")).containsEntry(b, made.resolve("b_generated.wav"));
        assertThat(made).isDirectory();
        assertThat(outputs("--out", folder.toString()).plan(List.of(a), ".wav", FilesTest::name))
                .containsEntry(a, folder.resolve("a_generated.wav"));
        assertThat(outputs("--out", folder + "/x/").plan(List.of(a), ".wav", FilesTest::name))
                .containsEntry(a, folder.resolve("x/a_generated.wav"));
        assertThat(outputs("--out", folder + "/z").plan(List.of(a), ".wav", FilesTest::name))
                .containsEntry(a, folder.resolve("z/a_generated.wav"));
        assertThat(outputs("--output_dir", folder + "/y").plan(List.of(a), ".wav", FilesTest::name))
                .containsEntry(a, folder.resolve("y/a_generated.wav"));
        assertThat(outputs().plan(List.of(a), ".wav", FilesTest::name)).containsEntry(a, Path.of("a_generated.wav"));
    }

    @Test
    void nothingIsWrittenTwiceOrOverItsInput() {
        Path other = folder.resolve("d.wav/a.flac");
        assertThatThrownBy(() -> outputs().plan(List.of(a, other), ".wav", FilesTest::name)).isInstanceOf(WrongUsage.class)
                .hasMessage(a + " and " + other + " would both be written to a_generated.wav");
        assertThatThrownBy(() -> outputs().plan(List.of(a, a), ".wav", FilesTest::name)).hasMessage(a + " is given twice");
        assertThatThrownBy(() -> outputs("--out", a.toString()).plan(List.of(a), ".wav", FilesTest::name))
                .hasMessage(a + " would be overwritten by its own result");
        assertThatThrownBy(() -> outputs("--out", "x.wav").plan(List.of(a, b), ".wav", FilesTest::name))
                .isInstanceOf(WrongUsage.class).hasMessage("--out x.wav names one file, but there are 2 inputs");
        assertThatThrownBy(() -> outputs("--out", "x", "--output_dir", "y"))
                .hasMessageContaining("mutually exclusive");
    }

    @Test
    void stemsEndAtTheLastDot() {
        assertThat(Outputs.stem(Path.of("x/a.b.wav"))).isEqualTo("a.b");
        assertThat(Outputs.stem(Path.of(".wav"))).isEqualTo(".wav");
        assertThat(Outputs.stem(Path.of("a"))).isEqualTo("a");
    }
}
