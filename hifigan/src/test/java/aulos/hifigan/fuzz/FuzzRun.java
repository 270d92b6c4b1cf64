// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Jazzer in a process of its own, for one reader or all.
 *
 * @param reader its name, or {@link FuzzTarget#ALL}
 * @param corpus a folder for inputs that were of interest, where a later run goes on
 * @param findings a folder for inputs that showed a fault
 */
public record FuzzRun(String reader, Path corpus, Path findings) {
    /** Of one input. A slow machine is no finding, a loop that goes on for ever is. */
    private static final int TIMEOUT_SECONDS = 20;

    /** Makes both folders, and puts seeds into the corpus. */
    public void prepare() throws IOException {
        Files.createDirectories(corpus);
        Files.createDirectories(findings);
        for (FuzzedReader each : FuzzedReader.values()) {
            if (reader.equals(each.name())) {
                Files.write(corpus.resolve("seed"), each.seed());
            } else if (reader.equals(FuzzTarget.ALL) && each != FuzzedReader.PLANTED) {
                byte[] seed = each.seed();
                byte[] chosen = new byte[seed.length + 1];
                chosen[0] = (byte) each.ordinal();
                System.arraycopy(seed, 0, chosen, 1, seed.length);
                Files.write(corpus.resolve("seed-" + each), chosen);
            }
        }
    }

    /**
     * The command, for a folder to run in that it may write to. It exits with 0 if there was no finding.
     *
     * @param limits when to end, as libFuzzer takes it: {@code -max_total_time=60}
     */
    public List<String> command(String... limits) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx512m", "-XX:+UseSerialGC",
                "-XX:+EnableDynamicAgentLoading", "--enable-native-access=ALL-UNNAMED", "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                "com.code_intelligence.jazzer.Jazzer", "--target_class=" + FuzzTarget.class.getName(),
                "--target_args=" + reader, "--instrumentation_includes=aulos.**", "--custom_hook_includes=aulos.**",
                // Lists name files outside their folder, as they may.
                "--disabled_hooks=com.code_intelligence.jazzer.sanitizers.FilePathTraversal",
                "--reproducer_path=" + findings.toAbsolutePath(), "-artifact_prefix=" + findings.toAbsolutePath() + "/",
                "-timeout=" + TIMEOUT_SECONDS, "-rss_limit_mb=0", "-print_final_stats=1"));
        command.addAll(List.of(limits));
        command.add(corpus.toAbsolutePath().toString());
        return command;
    }
}
