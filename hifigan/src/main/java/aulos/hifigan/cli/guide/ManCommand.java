// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli.guide;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints a command's page for {@code man}, or writes all pages to a folder. It sees all commands. */
@Command(
        name = "man",
        description = "Prints a command's page for man, or writes all pages to a folder.",
        footer = {"", "To read one: 'aulos man vocode | man -l -'. To install all: 'aulos man --out ~/.local/share/man/man1'."},
        mixinStandardHelpOptions = true)
public final class ManCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "COMMAND", arity = "0..1", description = "Whose page to print. Default: that of the program.")
    private String command;

    @Option(names = "--out", paramLabel = "DIR", description = "Write the pages of all commands to this folder.")
    private Path folder;

    @Override
    public void run() {
        Map<String, CommandLine> pages = new TreeMap<>();
        pages.put("aulos", spec.root().commandLine());
        spec.root().subcommands().forEach((name, line) -> {
            if (!line.getCommandSpec().usageMessage().hidden()) {
                pages.put("aulos-" + name, line);
            }
        });
        if (folder != null) {
            write(pages);
            return;
        }
        String name = command == null ? "aulos" : "aulos-" + command;
        CommandLine line = pages.get(name);
        if (line == null) {
            throw new ParameterException(spec.commandLine(), "no command " + command + ", expected one of "
                    + String.join(", ", spec.root().subcommands().keySet()));
        }
        PrintWriter out = spec.commandLine().getOut();
        out.print(ManPage.of(name, line));
        out.flush();
    }

    private void write(Map<String, CommandLine> pages) {
        try {
            Files.createDirectories(folder);
            for (Map.Entry<String, CommandLine> page : pages.entrySet()) {
                Path temporary = Files.createTempFile(folder, page.getKey(), ".tmp");
                Files.writeString(temporary, ManPage.of(page.getKey(), page.getValue()));
                Files.move(temporary, folder.resolve(page.getKey() + ".1"), StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
