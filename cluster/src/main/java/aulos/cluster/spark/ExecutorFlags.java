// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.spark;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import org.apache.spark.SparkConf;

/** What the JVMs of executors are told: the same as the launcher tells its own, {@code jvm.flags}. */
final class ExecutorFlags {
    private static final String OPTIONS = "spark.executor.extraJavaOptions";

    private ExecutorFlags() {}

    /** Before what the user wants them to be told, which so has the last word. */
    static void set(SparkConf conf) {
        conf.set(OPTIONS, ("--add-modules=jdk.incubator.vector --enable-native-access=ALL-UNNAMED " + flags() + " "
                + conf.get(OPTIONS, "")).strip());
    }

    private static String flags() {
        try (InputStream in = ExecutorFlags.class.getResourceAsStream("/aulos/jvm.flags")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().map(String::strip)
                    .filter(line -> !line.isEmpty() && !line.startsWith("#")).collect(Collectors.joining(" "));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
