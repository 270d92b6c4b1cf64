// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import static org.assertj.core.api.Assertions.assertThat;

import aulos.hifigan.train.log.RunEvents;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What a run has left in its folder: its files byte by byte, and what TensorBoard shows of its events. */
record RunResult(Map<String, byte[]> files, List<String> events) {

    static RunResult of(Path folder) throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        try (Stream<Path> all = Files.list(folder)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                files.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
        }
        return new RunResult(files, RunEvents.shown(folder.resolve("logs")));
    }

    /** Pairs that the other run has not made may be there, and do not matter. */
    void assertSame(RunResult whole) {
        assertThat(files).containsKeys(whole.files.keySet().toArray(String[]::new));
        whole.files.forEach((name, bytes) -> {
            if (name.equals("losses.csv")) {
                assertThat(text(files.get(name))).isEqualTo(text(bytes));
            }
            assertThat(files.get(name)).as(name).isEqualTo(bytes);
        });
        assertThat(events).isEqualTo(whole.events);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.US_ASCII);
    }
}
