// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.spark;

import static org.assertj.core.api.Assertions.assertThat;

import aulos.hifigan.cli.TinyVoice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.launcher.JavaModuleOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The application as spark-submit runs it, in a process of its own; its options are Spark's. */
class TwoMachinesTest {
    @TempDir
    private Path folder;

    /** Master, a worker and the driver on one machine, a worker on the other. */
    @Test
    void resultIsThatOfOneMachineBitForBit() throws IOException, InterruptedException {
        try (Namespaces machines = new Namespaces();
                StandaloneCluster cluster = new StandaloneCluster(folder, machines.first, 7077)) {
            cluster.worker(machines.first, List.of());
            cluster.worker(machines.second, List.of());
            Path clip = Corpus.noise(folder.resolve("clip.wav"), TinyVoice.RATE, 60 * TinyVoice.RATE, 1);
            Path checkpoint = TinyVoice.write(folder);
            String said = submit(machines.first, Map.of("spark.master", cluster.master()), "--checkpoint",
                    checkpoint.toString(), "--range", "2", "--task", "2", "--out", folder.resolve("out").toString(),
                    clip.toString());
            SparkApp.alone(folder.resolve("alone"), "vocode", "--checkpoint", checkpoint.toString(), "--out", ".",
                    clip.toString());
            assertThat(folder.resolve("out/clip_generated.wav")).as(said)
                    .hasSameBinaryContentAs(folder.resolve("alone/clip_generated.wav"));
            // Both had a part in it.
            assertThat(cluster.executors()).isEqualTo(2);
        }
    }

    private String submit(StandaloneCluster.Place place, Map<String, String> conf, String... args)
            throws IOException, InterruptedException {
        Map<String, String> all = new HashMap<>(SparkApp.defaults(conf.get("spark.master")));
        all.put("spark.driver.host", place.host());
        all.put("spark.driver.bindAddress", place.host());
        all.putAll(conf);
        List<String> command = new ArrayList<>(place.prefix());
        command.add(StandaloneCluster.java());
        command.addAll(List.of(JavaModuleOptions.defaultModuleOptions().split(" ")));
        all.forEach((key, value) -> command.add("-D" + key + "=" + value));
        command.addAll(List.of("-cp", StandaloneCluster.CLASS_PATH, Vocode.class.getName()));
        command.addAll(List.of(args));
        Path log = folder.resolve("driver.log");
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().put("SPARK_LOCAL_IP", place.host());
        int exitCode = builder.start().waitFor();
        String said = Files.readString(log);
        assertThat(exitCode).as(said).isZero();
        return said;
    }
}
