// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.spark;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What one run of an application gave, with this JVM as its driver. */
record SparkApp(int exitCode, String out, String err) {
    private static final Pattern SUMMARY = Pattern.compile(
            "(\\d+) inputs, (\\d+) of them done before, (\\d+) broken: ([\\d.]+) s of audio in [\\d.]+ s by (\\d+) tasks");

    /** @param conf besides what every test needs */
    static SparkApp run(String master, Map<String, String> conf, JobCommand command, String... args) {
        Map<String, String> all = new HashMap<>(defaults());
        all.put("spark.master", master);
        all.putAll(conf);
        all.forEach(System::setProperty);
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        try {
            return new SparkApp(JobCommand.run(command, new PrintWriter(out), new PrintWriter(err), args), out.toString(),
                    err.toString());
        } finally {
            all.keySet().forEach(System::clearProperty);
        }
    }

    static Map<String, String> defaults() {
        return Map.of("spark.ui.enabled", "false", "spark.driver.host", "127.0.0.1", "spark.driver.bindAddress",
                "127.0.0.1", "spark.executor.memory", "512m", "spark.executor.extraClassPath",
                StandaloneCluster.CLASS_PATH, "spark.sql.shuffle.partitions", "1",
                "spark.hadoop.ipc.client.connect.max.retries", "0");
    }

    private String summary(int group) {
        Matcher matcher = SUMMARY.matcher(out);
        if (!matcher.find()) {
            throw new AssertionError("no summary in '" + out + "', errors '" + err + "'");
        }
        return matcher.group(group);
    }

    int inputs() {
        return Integer.parseInt(summary(1));
    }

    int before() {
        return Integer.parseInt(summary(2));
    }

    int broken() {
        return Integer.parseInt(summary(3));
    }

    double seconds() {
        return Double.parseDouble(summary(4));
    }

    int tasks() {
        return Integer.parseInt(summary(5));
    }

    List<String> errors() {
        return err.lines().toList();
    }

    /** One machine's answer: {@code ./aulos} with such arguments, which has to succeed. */
    static void alone(Path folder, String... args) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        List<String> command = new ArrayList<>(List.of(StandaloneCluster.java(), "--add-modules",
                "jdk.incubator.vector", "-XX:TieredStopAtLevel=4", "-cp", StandaloneCluster.CLASS_PATH,
                "aulos.hifigan.cli.Aulos"));
        command.addAll(List.of(args));
        Path log = folder.resolve("log.txt");
        int exitCode = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true)
                .redirectOutput(log.toFile()).start().waitFor();
        if (exitCode != 0) {
            throw new AssertionError(Files.readString(log));
        }
    }
}
