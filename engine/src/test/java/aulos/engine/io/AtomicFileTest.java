// SPDX-License-Identifier: Apache-2.0
package aulos.engine.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
    private static final byte[] NEW = "new".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path folder;

    @Test
    void aFileIsCreatedAndReplaced() throws IOException {
        Path file = folder.resolve("x".repeat(250));
        AtomicFile.write(file, out -> out.write('o'));
        assertThat(file).hasContent("o");
        AtomicFile.writeDurably(file, out -> {
            out.write(NEW);
            assertThat(file).hasContent("o");
        });
        assertThat(file).hasContent("new");
        assertThat(folder.toFile().list()).hasSize(1);
    }

    @Test
    void afterAFailureTheFileIsAsItWas() throws IOException {
        Path file = Files.writeString(folder.resolve("x"), "old");
        assertThatThrownBy(() -> AtomicFile.write(file, out -> {
            out.write(new byte[1 << 20]);
            throw new IOException("no more");
        })).isInstanceOf(IOException.class).hasMessage("no more");
        assertThatThrownBy(() -> AtomicFile.write(file, out -> {
            throw new IllegalStateException("a bug");
        })).isInstanceOf(IllegalStateException.class);
        assertThat(file).hasContent("old");
        assertThat(folder.toFile().list()).containsExactly("x");
    }

    @Test
    void aLinkStaysALink() throws IOException {
        Path file = Files.writeString(folder.resolve("x"), "old");
        Path link = Files.createSymbolicLink(folder.resolve("link"), file);
        AtomicFile.write(link, out -> out.write(NEW));
        assertThat(link).isSymbolicLink();
        assertThat(file).hasContent("new");
    }

    @Test
    void targetsThatCannotBeWrittenAreNamed() {
        assertThatThrownBy(() -> AtomicFile.write(folder, out -> out.write(NEW)))
                .isInstanceOf(IOException.class).hasMessage(folder + ": cannot be written: it is a folder");
        Path inNothing = folder.resolve("no").resolve("x");
        assertThatThrownBy(() -> AtomicFile.write(inNothing, out -> out.write(NEW)))
                .hasMessageStartingWith(inNothing + ": cannot be written: there is no folder ");
        Path device = Path.of("/dev/null");
        assumeTrue(Files.exists(device));
        assertThatThrownBy(() -> AtomicFile.write(device, out -> out.write(NEW)))
                .hasMessage("/dev/null: cannot be written: not a regular file");
        assertThat(Files.isRegularFile(device)).isFalse();
    }
}
