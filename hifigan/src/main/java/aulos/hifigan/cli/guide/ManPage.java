// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli.guide;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** What picocli knows of a command, in the language of {@code man}. */
final class ManPage {
    private ManPage() {}

    /** @param name of the page, as in {@code aulos-vocode} */
    static String of(String name, CommandLine line) {
        CommandSpec spec = line.getCommandSpec();
        Help help = new Help(spec, Help.defaultColorScheme(Help.Ansi.OFF));
        StringBuilder page = new StringBuilder(".TH ").append(name.toUpperCase(Locale.ROOT)).append(" 1\n");
        section(page, "NAME", name + " - " + text(spec.usageMessage().description()));
        section(page, "SYNOPSIS", help.synopsis(0).strip().replaceAll("\\s+", " "));
        if (!spec.positionalParameters().isEmpty()) {
            page.append(".SH ARGUMENTS\n");
            spec.positionalParameters().forEach(argument -> entry(page, argument.paramLabel(), argument));
        }
        List<OptionSpec> options = spec.options().stream().filter(option -> !option.hidden()).toList();
        if (!options.isEmpty()) {
            page.append(".SH OPTIONS\n");
            options.forEach(option -> entry(page, heading(option), option));
        }
        if (!spec.subcommands().isEmpty()) {
            page.append(".SH COMMANDS\n");
            spec.subcommands().forEach((command, below) -> {
                CommandSpec own = below.getCommandSpec();
                if (!own.usageMessage().hidden()) {
                    item(page, command, text(own.usageMessage().description()));
                }
            });
        }
        String notes = text(spec.usageMessage().footer());
        if (!notes.isEmpty()) {
            section(page, "NOTES", notes);
        }
        return page.toString();
    }

    private static String heading(OptionSpec option) {
        String names = String.join(", ", option.names());
        return option.arity().max() == 0 ? names : names + " " + option.paramLabel();
    }

    private static void entry(StringBuilder page, String heading, ArgSpec argument) {
        item(page, heading, text(argument.description()));
    }

    private static void item(StringBuilder page, String heading, String description) {
        page.append(".TP\n.B ").append(escaped(heading)).append('\n').append(escaped(description)).append('\n');
    }

    private static void section(StringBuilder page, String title, String content) {
        page.append(".SH ").append(title).append('\n').append(escaped(content)).append('\n');
    }

    private static String text(String... lines) {
        return Stream.of(lines).map(String::strip).filter(line -> !line.isEmpty()).collect(Collectors.joining(" "));
    }

    /** A backslash, a hyphen, and a point or quote that begins a line mean something else to man. */
    private static String escaped(String content) {
        String safe = content.replace("\\", "\\e").replace("-", "\\-");
        return safe.startsWith(".") || safe.startsWith("'") ? "\\&" + safe : safe;
    }
}
