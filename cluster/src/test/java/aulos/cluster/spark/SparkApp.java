// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.spark;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/** What one run of an application gave, with this JVM as its driver. */
record SparkApp(int exitCode, String out, String err) {
    private static final Pattern SUMMARY = Pattern.compile(
            "(\\d+) inputs, (\\d+) of them done before, (\\d+) broken: ([\\d.]+) s of audio in [\\d.]+ s by (\\d+) tasks");

    static SparkApp run(SparkSession session, JobCommand command, String... args) {
        command.shared = JavaSparkContext.fromSparkContext(session.sparkContext());
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = JobCommand.run(command, new PrintWriter(out), new PrintWriter(err), args);
        return new SparkApp(exitCode, out.toString(), err.toString());
    }

    /** A session for several runs: executors start once. @param more than what all tests need */
    static SparkSession session(String master, Map<String, String> more) {
        SparkConf conf = new SparkConf(false);
        defaults(master).forEach(conf::set);
        more.forEach(conf::set);
        // Tables are read that have a few rows, and code for each query takes longer to make than it saves.
        conf.set("spark.sql.codegen.wholeStage", "false");
        ExecutorFlags.set(conf);
        return SparkSession.builder().appName("test").config(conf).getOrCreate();
    }

    static Map<String, String> defaults(String master) {
        return Map.of("spark.hadoop.fs.other.impl", OtherFileSystem.class.getName(),
                "spark.hadoop.fs.AbstractFileSystem.other.impl", OtherFileSystem.Abstract.class.getName(),
                "spark.master", master, "spark.ui.enabled", "false", "spark.driver.host", "127.0.0.1",
                "spark.driver.bindAddress", "127.0.0.1", "spark.executor.memory", "512m",
                "spark.executor.extraClassPath", executorClassPath(), "spark.sql.shuffle.partitions", "1",
                "spark.hadoop.ipc.client.connect.max.retries", "0");
    }

    /** Without the folder that tells Spark to be silent. */
    private static String executorClassPath() {
        return Arrays.stream(StandaloneCluster.CLASS_PATH.split(File.pathSeparator))
                .filter(entry -> !Files.exists(Path.of(entry, "log4j2-test.properties")))
                .collect(Collectors.joining(File.pathSeparator));
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
