// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;

/** Every chapter of {@code docs/lab} shows its program as it is, and what that prints. */
class LabTest {
    private static final Path LAB = Path.of("../docs/lab");
    private static final Path SIDE_BY_SIDE = LAB.resolve("side-by-side");
    private static final Pattern PROGRAM = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);
    private static final Pattern OUTPUT = Pattern.compile("```text\\n(.*?)```", Pattern.DOTALL);

    @TempDir
    static Path classes;

    @BeforeAll
    static void compile() throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter said = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
            List<Path> programs = new ArrayList<>(Arrays.stream(Chapter.values()).map(LabTest::source).toList());
            programs.add(SIDE_BY_SIDE.resolve("SideBySide.java"));
            boolean compiled = compiler.getTask(said, files, null, List.of("-d", classes.toString(), "-classpath",
                    System.getProperty("java.class.path"), "-proc:none"), null,
                    files.getJavaFileObjectsFromPaths(programs)).call();
            assertThat(compiled).as(() -> said.toString()).isTrue();
        }
    }

    private static Path source(Chapter chapter) {
        return LAB.resolve("programs").resolve(chapter.file());
    }

    private static String only(Pattern fence, String page) {
        Matcher block = fence.matcher(page);
        assertThat(block.find()).as("a block " + fence).isTrue();
        String text = block.group(1);
        assertThat(block.find()).as("a second block " + fence).isFalse();
        return text;
    }

    @ParameterizedTest
    @EnumSource(Chapter.class)
    void pageShowsTheProgramAndWhatItPrints(Chapter chapter) throws ReflectiveOperationException, IOException {
        String page = Files.readString(LAB.resolve(chapter.page()));
        String program = Files.readString(source(chapter));
        assertThat(page).startsWith("# " + chapter.number() + ". " + chapter.title() + "\n");
        assertThat(only(PROGRAM, page)).isEqualTo(program.substring(program.indexOf('\n') + 1).stripLeading());
        assertThat(chapter.program()).isEqualTo(program);
        assertThat(only(OUTPUT, page)).isEqualTo(printed(chapter.file()));
    }

    private static String printed(String file) throws ReflectiveOperationException, IOException {
        PrintStream before = System.out;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (URLClassLoader loader = new URLClassLoader(new URL[] {classes.toUri().toURL()},
                LabTest.class.getClassLoader())) {
            Class<?> program = loader.loadClass(file.replace(".java", ""));
            Constructor<?> constructor = program.getDeclaredConstructor();
            constructor.setAccessible(true);
            Method main = program.getDeclaredMethod("main");
            main.setAccessible(true);
            System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
            main.invoke(constructor.newInstance());
        } finally {
            System.setOut(before);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void theFirstTapeHas100LinesAtMost() throws IOException {
        assertThat(Files.readAllLines(source(Chapter.TAPE))).hasSizeLessThanOrEqualTo(101);
    }

    @Test
    void contentsNameEveryChapter() throws IOException {
        String contents = Files.readString(LAB.resolve("README.md"));
        for (Chapter chapter : Chapter.values()) {
            assertThat(contents).contains("[" + chapter.title() + "](" + chapter.page() + ")");
        }
    }

    @Test
    void sideBySideCountsItsLinesAndPrintsWhatItSays() throws ReflectiveOperationException, IOException {
        String contents = Files.readString(LAB.resolve("README.md"));
        assertThat(only(OUTPUT, contents)).isEqualTo(printed("SideBySide.java"));
        List<Map<Integer, Integer>> lines = List.of(lines("SideBySide.java", "//"), lines("with_micrograd.py", "#"),
                lines("with_jax.py", "#"), lines("with_pytorch.py", "#"));
        for (int task = 1; task <= 10; task++) {
            StringBuilder counts = new StringBuilder();
            for (Map<Integer, Integer> each : lines) {
                counts.append(" \\| ").append(each.containsKey(task) ? each.get(task) : "–");
            }
            assertThat(contents).containsPattern("\n\\| " + task + " \\| [^|]*" + counts + " \\|\n");
        }
    }

    /** Lines of each task: from its comment to the next, without those that are empty, comments or show the result. */
    private static Map<Integer, Integer> lines(String file, String comment) throws IOException {
        Map<Integer, Integer> lines = new HashMap<>();
        Pattern start = Pattern.compile(comment + " (\\d+) .*");
        int task = 0;
        for (String line : Files.readAllLines(SIDE_BY_SIDE.resolve(file))) {
            String text = line.strip();
            Matcher matcher = start.matcher(text);
            if (matcher.matches()) {
                task = Integer.parseInt(matcher.group(1));
            } else if (text.equals(comment + " end")) {
                task = 0;
            } else if (task > 0 && !text.isEmpty() && !text.startsWith(comment) && !text.startsWith("show(")) {
                lines.merge(task, 1, Integer::sum);
            }
        }
        return lines;
    }

    @Test
    void theCommandListsAndRefuses() {
        Ran list = run();
        assertThat(list.exitCode).isZero();
        assertThat(list.out.lines()).hasSize(12).first().isEqualTo(" 1  A tape in 100 lines");
        Ran unknown = run("13");
        assertThat(unknown.exitCode).isEqualTo(2);
        assertThat(unknown.err).contains("chapter 13 is not there, expected 1 to 12");
    }

    @Test
    void theCommandRunsAChapter() throws IOException {
        Ran ran = run("1");
        assertThat(ran.exitCode).isZero();
        assertThat(ran.out).isEqualTo(only(OUTPUT, Files.readString(LAB.resolve(Chapter.TAPE.page()))));
    }

    private record Ran(int exitCode, String out, String err) {}

    private static Ran run(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = new CommandLine(new LabCommand()).setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(args);
        return new Ran(exitCode, out.toString(), err.toString());
    }
}
