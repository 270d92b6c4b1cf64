// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.spark;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.launcher.JavaModuleOptions;

/**
 * A standalone Spark cluster of processes of their own, one master and workers, from the jars of the test's class path. The
 * processes may be run by a command that puts them elsewhere.
 */
final class StandaloneCluster implements AutoCloseable {
    static final String CLASS_PATH = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    private static final long PATIENCE_NANOS = SECONDS.toNanos(60);

    private final Path folder;
    private final Path home;
    private final String host;
    private final int port;
    private final List<Process> processes = new ArrayList<>();
    private int logs;

    /** Where a process runs: its address, and the command before its own. */
    record Place(String host, List<String> prefix) {
        static final Place HERE = new Place("127.0.0.1", List.of());
    }

    StandaloneCluster(Path folder, Place master, int port) throws IOException {
        this.folder = folder;
        this.host = master.host();
        this.port = port;
        this.home = Files.createDirectories(folder.resolve("spark"));
        Path jars = Files.createDirectories(home.resolve("jars"));
        for (String entry : CLASS_PATH.split(File.pathSeparator)) {
            if (entry.endsWith(".jar") && !entry.contains("/aulos/")) {
                Files.createSymbolicLink(jars.resolve(Path.of(entry).getFileName()), Path.of(entry));
            }
        }
        Path log = start(master, "org.apache.spark.deploy.master.Master", "--host", host, "--port", "" + port,
                "--webui-port", "0");
        await(log, "I have been elected leader");
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }

    String master() {
        return "spark://" + host + ":" + port;
    }

    /** Starts a worker of one core, and returns once the master knows it. */
    Process worker(Place place, List<String> environment) throws IOException {
        Path work = Files.createDirectories(folder.resolve("work-" + logs));
        List<String> arguments = new ArrayList<>(environment);
        arguments.addAll(List.of("--host", place.host(), "--webui-port", "0", "--cores", "1", "--memory", "1g",
                "--work-dir", work.toString(), master()));
        Path log = start(place, "org.apache.spark.deploy.worker.Worker", arguments.toArray(String[]::new));
        await(log, "Successfully registered with master");
        return processes.getLast();
    }

    /** All arguments that begin with {@code -D} are the JVM's. */
    private Path start(Place place, String main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(place.prefix());
        command.add(java());
        command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of(JavaModuleOptions.defaultModuleOptions().split(" ")));
        Arrays.stream(arguments).filter(argument -> argument.startsWith("-D")).forEach(command::add);
        command.addAll(List.of("-Dlog4j2.configurationFile=" + logging(), "-cp", home.resolve("jars") + "/*", main));
        Arrays.stream(arguments).filter(argument -> !argument.startsWith("-D")).forEach(command::add);
        Path log = folder.resolve("process-" + logs++ + ".log");
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().put("SPARK_HOME", home.toString());
        // As bin/load-spark-env.sh of a Spark distribution does.
        builder.environment().put("SPARK_SCALA_VERSION", "2.13");
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("SPARK_LOCAL_IP", place.host());
        processes.add(builder.start());
        return log;
    }

    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private Path logging() throws IOException {
        return Files.writeString(folder.resolve("log4j2.properties"), """
                rootLogger.level = info
                rootLogger.appenderRef.stdout.ref = stdout
                appender.stdout.type = Console
                appender.stdout.name = stdout
                appender.stdout.layout.type = PatternLayout
                appender.stdout.layout.pattern = %d{HH:mm:ss} %p %c{1}: %m%n
                """);
    }

    private void await(Path log, String line) throws IOException {
        long start = System.nanoTime();
        while (!Files.readString(log, StandardCharsets.UTF_8).contains(line)) {
            if (System.nanoTime() - start > PATIENCE_NANOS || !processes.getLast().isAlive()) {
                throw new IOException("no '" + line + "' from a process of the cluster: " + Files.readString(log));
            }
            pause();
        }
    }

    static void pause() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** How many executors have computed something. */
    long executors() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.endsWith("stderr")).filter(file -> contains(file, "Finished task ")).count();
        }
    }

    private static boolean contains(Path file, String text) {
        try {
            return Files.readString(file).contains(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As if its machine had lost power: SIGKILL for a worker and its executors. */
    static void kill(Process worker) {
        List<ProcessHandle> all = new ArrayList<>(worker.descendants().toList());
        all.add(worker.toHandle());
        all.forEach(ProcessHandle::destroyForcibly);
        try {
            worker.waitFor();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        processes.reversed().forEach(StandaloneCluster::kill);
    }
}
