// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A Python with PyTorch, to read what we write; many machines have one that is not the first in PATH. */
public record Python(String program) {
    /** Empty, with a loud line, if there is none. */
    public static Optional<Python> withTorch() throws IOException, InterruptedException {
        for (String program : List.of("python3", "/usr/bin/python3")) {
            Python python = new Python(program);
            try {
                if (python.run("import torch").isEmpty()) {
                    return Optional.of(python);
                }
            } catch (IOException notThere) {
                // The next one, then.
            }
        }
        System.err.println("SKIPPED: neither python3 nor /usr/bin/python3 has PyTorch to read back what we write");
        return Optional.empty();
    }

    /** What the script says, with its exit code; empty if it succeeds. */
    public String run(String script, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(program, "-W", "ignore", "-c", script));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int exitCode = process.waitFor();
        return exitCode == 0 ? "" : said + " exit " + exitCode;
    }
}
