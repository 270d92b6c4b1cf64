// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.mpi;

import static org.assertj.core.api.Assertions.assertThat;

import aulos.hifigan.train.TinyRun;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two hosts with a cable between them: network namespaces, into which a script that stands for ssh puts what it is given. */
class MpiHostsTest {
    private static final String NETWORK = "10.213.77.";

    @TempDir
    private Path folder;

    private final String first = "aulos1-" + ProcessHandle.current().pid();
    private final String second = "aulos2-" + ProcessHandle.current().pid();

    private static int run(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start()
                .waitFor();
    }

    private boolean connect() throws IOException, InterruptedException {
        try {
            return run("ip", "netns", "add", first) == 0 && run("ip", "netns", "add", second) == 0
                    && run("ip", "-n", first, "link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns",
                            second) == 0
                    && isUp(first, 1) && isUp(second, 2);
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean isUp(String host, int number) throws IOException, InterruptedException {
        return run("ip", "-n", host, "addr", "add", NETWORK + number + "/24", "dev", "cable") == 0
                && run("ip", "-n", host, "link", "set", "cable", "up") == 0
                && run("ip", "-n", host, "link", "set", "lo", "up") == 0;
    }

    @AfterEach
    void disconnect() throws IOException, InterruptedException {
        try {
            run("ip", "netns", "del", first);
            run("ip", "netns", "del", second);
        } catch (IOException e) {
            // There is no such program, and so there are no such hosts.
        }
    }

    @Test
    void twoHostsTrainTogether() throws Exception {
        String mpirun = Launched.openMpi();
        boolean connected = connect();
        if (!connected) {
            System.err.println("### SKIPPED, TRAINING ON TWO HOSTS: no network namespaces can be made here (root can)");
        }
        Assumptions.assumeTrue(connected, "no network namespaces");
        TinyRun run = new TinyRun(folder, 12);
        Launched launched = new Launched(folder);
        Path agent = Files.writeString(folder.resolve("agent"), """
                #!/bin/sh
                echo "$1" >>'%s'
                shift
                exec ip netns exec %s sh -c "$*"
                """.formatted(folder.resolve("called"), second), StandardCharsets.UTF_8);
        assertThat(agent.toFile().setExecutable(true)).isTrue();
        List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", first, mpirun, "--host",
                NETWORK + "1:1," + NETWORK + "2:1", "--mca", "plm_rsh_agent", agent.toString(), "--mca",
                "oob_tcp_if_include", "cable", "--mca", "btl", "tcp,self", "--mca", "btl_tcp_if_include", "cable",
                "-x", "AULOS_OPTS", "--bind-to", "none", "-np", "2", launched.aulos().toString()));
        Launched.Ended ended = Launched.run(command, Launched.training(run, folder.resolve("hosts"), "--max-steps", "3"));
        assertThat(ended.exitCode()).as(String.join("\n", ended.lines())).isZero();
        assertThat(folder.resolve("called")).hasContent(NETWORK + "2");
        Launched.Ended same = Launched.run(Launched.mpirun(mpirun, 2, launched.aulos()),
                Launched.training(run, folder.resolve("here"), "--max-steps", "3"));
        assertThat(same.exitCode()).isZero();
        assertThat(Files.mismatch(folder.resolve("hosts/g_00000002"), folder.resolve("here/g_00000002"))).isEqualTo(-1);
    }
}
