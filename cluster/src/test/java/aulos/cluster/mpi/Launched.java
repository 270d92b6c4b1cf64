// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.mpi;

import aulos.hifigan.train.TinyRun;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;

/** The script {@code aulos}, as {@code aulos package} lays it out, under the mpirun of this machine. */
final class Launched {
    private static final List<String> OPEN_MPI = List.of("mpirun.openmpi", "mpirun");
    private static final List<String> MPICH = List.of("mpirun.mpich", "mpirun");

    private final Path home;

    /** Makes a folder of the program, whose jar is this test's class path. */
    Launched(Path folder) throws IOException {
        home = Files.createDirectories(folder.resolve("program"));
        for (String file : List.of("aulos", "jvm.flags", "short.flags", "short.directives")) {
            Files.copy(Path.of("..", file), home.resolve(file));
        }
        Path java = Files.writeString(Files.createDirectories(home.resolve("runtime/bin")).resolve("java"),
                "#!/bin/sh\nexec '" + System.getProperty("java.home") + "/bin/java' \"$@\"\n");
        if (!java.toFile().setExecutable(true)) {
            throw new IOException(java + ": cannot be made executable");
        }
        Manifest manifest = new Manifest();
        Attributes main = manifest.getMainAttributes();
        main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        main.put(Attributes.Name.MAIN_CLASS, "aulos.hifigan.cli.Aulos");
        main.putValue("Enable-Native-Access", "ALL-UNNAMED");
        main.putValue("Add-Exports", "java.base/jdk.internal.module");
        main.put(Attributes.Name.CLASS_PATH, Arrays.stream(System.getProperty("java.class.path").split(":"))
                .map(entry -> Path.of(entry).toAbsolutePath().toUri().toString()).collect(Collectors.joining(" ")));
        try (OutputStream file = Files.newOutputStream(home.resolve("aulos.jar"))) {
            new JarOutputStream(file, manifest).close();
        }
    }

    Path aulos() {
        return home.resolve("aulos");
    }

    /** Skips the test, loudly, where there is no Open MPI; where CI is set that is a failure. */
    static String openMpi() throws IOException, InterruptedException {
        Optional<String> found = find(OPEN_MPI, "Open MPI");
        if (found.isEmpty()) {
            String lacking = "no mpirun of Open MPI (Debian: apt install openmpi-bin)";
            if (System.getenv("CI") != null) {
                throw new AssertionError(lacking);
            }
            System.err.println("### SKIPPED, TRAINING OVER MPI: " + lacking);
        }
        Assumptions.assumeTrue(found.isPresent(), "no Open MPI");
        return found.orElseThrow();
    }

    /** The mpirun of MPICH; Open MPI's where there is none, as that is no reason to fail. */
    static String mpichOrElse(String other) throws IOException, InterruptedException {
        return find(MPICH, "HYDRA").orElse(other);
    }

    private static Optional<String> find(List<String> names, String kind) throws IOException, InterruptedException {
        for (String name : names) {
            for (String folder : System.getenv("PATH").split(":")) {
                Path program = Path.of(folder, name);
                if (Files.isExecutable(program)) {
                    Process version = new ProcessBuilder(program.toString(), "--version").redirectErrorStream(true).start();
                    String said = new String(version.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                    if (version.waitFor() == 0 && said.contains(kind)) {
                        return Optional.of(program.toString());
                    }
                }
            }
        }
        return Optional.empty();
    }

    /** {@code mpirun -np count program}, with what root and few cores need. */
    static List<String> mpirun(String mpirun, int count, Path program) {
        List<String> command = new ArrayList<>(List.of("/usr/bin/env", "--default-signal=INT", mpirun));
        if (!mpirun.contains("mpich")) {
            command.addAll(List.of("--oversubscribe", "--bind-to", "none"));
        }
        command.addAll(List.of("-np", Integer.toString(count), program.toString()));
        return command;
    }

    /** The arguments of a training of 6 clips in a step, which 2 and 3 ranks can share. */
    static List<String> training(TinyRun run, Path out, String... more) {
        List<String> arguments = new ArrayList<>(run.arguments(out));
        arguments.addAll(List.of("--batch-size", "6", "--stdout-interval", "1", "--summary-interval", "1",
                "--validation-interval", "3", "--loader-threads", "1"));
        arguments.addAll(List.of(more));
        return arguments;
    }

    static Process start(List<String> command, List<String> arguments, String options) throws IOException {
        List<String> all = new ArrayList<>(command);
        all.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(all).redirectErrorStream(true);
        builder.environment().put("OMPI_ALLOW_RUN_AS_ROOT", "1");
        builder.environment().put("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1");
        builder.environment().put("AULOS_OPTS", "-Xmx512m " + options);
        return builder.start();
    }

    /** How a command ended, and all that it said. */
    record Ended(int exitCode, List<String> lines) {
        List<String> ours() {
            return lines.stream().filter(line -> line.startsWith("aulos: ")).toList();
        }
    }

    static Ended run(List<String> command, List<String> arguments) throws IOException, InterruptedException {
        return end(start(command, arguments, ""));
    }

    static Ended end(Process process) throws IOException, InterruptedException {
        try (BufferedReader said = process.inputReader(StandardCharsets.UTF_8)) {
            List<String> lines = said.lines().toList();
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("has not ended: " + lines);
            }
            return new Ended(process.exitValue(), lines);
        }
    }

    /** Reads up to a line that contains {@code text}. */
    static void await(BufferedReader said, String text) throws IOException {
        StringBuilder all = new StringBuilder();
        for (String line = said.readLine(); line != null; line = said.readLine()) {
            if (line.contains(text)) {
                return;
            }
            all.append(line).append('\n');
        }
        throw new AssertionError("ended without '" + text + "' after:\n" + all);
    }
}
