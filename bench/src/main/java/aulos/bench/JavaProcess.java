// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import java.io.File;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** How to start a Java program like this one. */
final class JavaProcess {
    private JavaProcess() {}

    /** This JVM's flags and class path, with another main class; it may be started in any folder. */
    static List<String> command(Class<?> main, String... args) {
        return command(main.getName(), args);
    }

    /** The same for a main class that this program can run without. */
    static List<String> command(String main, String... args) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", classPath(), main));
        command.addAll(List.of(args));
        return command;
    }

    private static String classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(Pattern.quote(File.pathSeparator)))
                .map(entry -> Path.of(entry).toAbsolutePath().toString()).collect(Collectors.joining(File.pathSeparator));
    }
}
