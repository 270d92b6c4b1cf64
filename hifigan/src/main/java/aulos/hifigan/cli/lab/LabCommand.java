// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli.lab;

import java.io.IOException;
import java.io.PrintWriter;
import java.lang.ProcessBuilder.Redirect;
import java.lang.module.ModuleFinder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Lists the chapters of {@code docs/lab}, or runs the program of one by the JDK's source launcher. */
@Command(
        name = "lab",
        description = "Lists the chapters of docs/lab, a course in automatic differentiation, or runs the program of one.",
        footer = {"", "'aulos lab 5' runs chapter 5, 'aulos lab page --model V2 --out step.html' makes a training step a page, "
                + "'aulos lab compare --device opencl:0' compares that device with float64."},
        mixinStandardHelpOptions = true,
        subcommands = {CompareCommand.class, PageCommand.class})
public final class LabCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "CHAPTER", arity = "0..1", description = "Whose program to run, 1 to 12. Default: list all.")
    private Integer number;

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        if (number == null) {
            for (Chapter chapter : Chapter.values()) {
                out.printf("%2d  %s%n", chapter.number(), chapter.title());
            }
            out.flush();
            return 0;
        }
        if (number < 1 || number > Chapter.values().length) {
            throw new ParameterException(spec.commandLine(), "chapter " + number + " is not there, expected 1 to "
                    + Chapter.values().length);
        }
        if (ModuleFinder.ofSystem().find("jdk.compiler").isEmpty()) {
            throw new IllegalStateException("this Java runtime has no compiler, a full JDK is needed to run a chapter");
        }
        return run(Chapter.values()[number - 1], out);
    }

    private static int run(Chapter chapter, PrintWriter out) throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("aulos-lab");
        Path file = folder.resolve(chapter.file());
        try {
            Files.writeString(file, chapter.program());
            Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "--enable-native-access=ALL-UNNAMED", "--add-exports", "java.base/jdk.internal.module=ALL-UNNAMED",
                    "-Dstdout.encoding=UTF-8", "-cp", System.getProperty("java.class.path"), file.toString())
                    .redirectError(Redirect.INHERIT).start();
            process.getOutputStream().close();
            try (var lines = process.inputReader(StandardCharsets.UTF_8)) {
                lines.lines().forEach(line -> {
                    out.println(line);
                    out.flush();
                });
            }
            return process.waitFor();
        } finally {
            Files.deleteIfExists(file);
            Files.delete(folder);
        }
    }
}
