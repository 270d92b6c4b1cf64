// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every Java example of the engine compiles: in Javadoc what stands between {@code <pre>} and {@code {@code}, in
 * {@code docs/tape.md} and {@code docs/ops.md} what is fenced as java. Formulas in Javadoc are {@code <pre>} alone. The
 * examples are bodies of methods and may use the names of {@link #CONTEXT}.
 */
class JavadocExampleTest {
    private static final Pattern JAVADOC = Pattern.compile("<pre>\\{@code\\n(.*?)\\n\\s*\\* \\}</pre>", Pattern.DOTALL);
    private static final Pattern FENCED = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);
    private static final String CONTEXT = """
            import java.nio.file.Path;
            import aulos.engine.*;
            import aulos.engine.nn.*;
            import aulos.engine.op.*;
            import aulos.engine.reference.*;
            import aulos.engine.study.*;
            import aulos.engine.transform.*;
            import java.util.*;
            import java.util.function.*;

            class Example%d {
                Backend backend;
                Tensor x, y, w, b, upstream;
                NdArray a, c;
                ConvSpec spec;
                Conv1dLayer model;
                AdamW optimiser;
                Tape tape;

                %s example() throws Exception {
            %s
                }
            }
            """;

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(int number, String text) {
            super(URI.create("string:///Example" + number + ".java"), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }

    @Test
    void examplesCompile(@TempDir Path classes) throws IOException {
        Path root = Path.of("").toAbsolutePath().getParent();
        List<JavaFileObject> sources = new ArrayList<>();
        try (var files = Files.walk(root.resolve("engine/src/main/java"))) {
            for (Path file : files.filter(path -> path.toString().endsWith(".java")).sorted().toList()) {
                Matcher block = JAVADOC.matcher(Files.readString(file));
                while (block.find()) {
                    sources.add(source(sources.size(), block.group(1).replaceAll("(?m)^\\s*\\* ?", "")));
                }
            }
        }
        assertThat(sources).as("examples in Javadoc").hasSizeGreaterThan(2);
        for (String page : List.of("tape.md", "ops.md")) {
            Matcher block = FENCED.matcher(Files.readString(root.resolve("docs").resolve(page)));
            while (block.find()) {
                sources.add(source(sources.size(), block.group(1)));
            }
        }
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter said = new StringWriter();
        boolean compiled = compiler.getTask(said, null, null, List.of("-d", classes.toString(), "-classpath",
                System.getProperty("java.class.path"), "-proc:none"), null, sources).call();
        assertThat(compiled).as(() -> said.toString()).isTrue();
    }

    private static Source source(int number, String body) {
        boolean returns = body.contains("return ");
        return new Source(number, CONTEXT.formatted(number, returns ? "Object" : "void", body));
    }
}
