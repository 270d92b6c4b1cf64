// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How to start a Java program like this one. */
final class JavaProcess {
    private JavaProcess() {}

    /** This JVM's flags and class path, with another main class. */
    static List<String> command(Class<?> main, String... args) {
        return command(main.getName(), args);
    }

    /** The same for a main class that this program can run without. */
    static List<String> command(String main, String... args) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
        command.addAll(List.of(args));
        return command;
    }
}
