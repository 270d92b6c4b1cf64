// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Every command line in a help text is one that the program takes. It is parsed, not run. */
class HelpExamplesTest {
    /** In quotes, up to a pipe. */
    private static final Pattern EXAMPLE = Pattern.compile("(?:\\./)?aulos ([a-z][^'|()]*)");
    private static final Pattern QUOTED = Pattern.compile("(?<!\\w)'([^']*aulos [^']*)'");
    /** Programs of their own, which the launcher starts. */
    private static final Set<String> ELSEWHERE = Set.of("bench", "spark", "jshell", "package");

    @Test
    void everyExampleIsTaken() {
        List<String> examples = new ArrayList<>();
        collect(all(), examples);
        assertThat(examples).contains("devices", "man vocode", "completion bash", "man --out ~/.local/share/man/man1");
        for (String example : examples) {
            List<String> words = List.of(example.split(" +"));
            if (!ELSEWHERE.contains(words.getFirst())) {
                assertThat(all().getSubcommands()).as("aulos " + example).containsKey(words.getFirst());
            }
            if (words.size() > 1) { // one word alone names the command
                assertThatCode(() -> all().parseArgs(words.toArray(String[]::new))).as("aulos " + example)
                        .doesNotThrowAnyException();
            }
        }
    }

    private static CommandLine all() {
        return Aulos.commands(new Aulos(new PrintWriter(System.out), new PrintWriter(System.err)))
                .setCaseInsensitiveEnumValuesAllowed(true).setUsageHelpWidth(100_000);
    }

    private static void collect(CommandLine line, List<String> examples) {
        String help = line.getUsageMessage(CommandLine.Help.Ansi.OFF).replaceAll("\\s+", " ");
        Matcher quoted = QUOTED.matcher(help);
        while (quoted.find()) {
            Matcher example = EXAMPLE.matcher(quoted.group(1));
            while (example.find()) {
                examples.add(example.group(1).strip());
            }
        }
        line.getSubcommands().values().forEach(each -> collect(each, examples));
    }
}
