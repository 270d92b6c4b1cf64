// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.spark;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.opentest4j.TestAbortedException;

/**
 * Two "machines" with addresses of their own: network namespaces with a cable between them, and to nowhere else. Where the
 * user may not make them, which takes root and iproute2, the test is skipped with one loud line.
 */
final class Namespaces implements AutoCloseable {
    private static final String PREFIX = "aulos" + ProcessHandle.current().pid();

    final StandaloneCluster.Place first = place(1);
    final StandaloneCluster.Place second = place(2);
    private final List<String> made = new ArrayList<>();

    Namespaces() throws IOException, InterruptedException {
        try {
            make();
        } catch (IOException e) {
            close();
            System.err.println("### SKIPPED, THE TEST BETWEEN NETWORK NAMESPACES: " + e.getMessage());
            throw new TestAbortedException(e.getMessage(), e);
        }
    }

    private static String name(int machine) {
        return PREFIX + "-" + machine;
    }

    private static StandaloneCluster.Place place(int machine) {
        return new StandaloneCluster.Place("10.99.17." + machine, List.of("ip", "netns", "exec", name(machine)));
    }

    private void make() throws IOException, InterruptedException {
        for (int machine = 1; machine <= 2; machine++) {
            ip("netns", "add", name(machine));
            made.add(name(machine));
            ip("-n", name(machine), "link", "set", "lo", "up");
        }
        ip("link", "add", "aulos1", "netns", name(1), "type", "veth", "peer", "name", "aulos2", "netns", name(2));
        for (int machine = 1; machine <= 2; machine++) {
            ip("-n", name(machine), "addr", "add", place(machine).host() + "/24", "dev", "aulos" + machine);
            ip("-n", name(machine), "link", "set", "aulos" + machine, "up");
        }
    }

    private static void ip(String... args) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(List.of(args));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (process.waitFor() != 0) {
            throw new IOException("'" + String.join(" ", command) + "' failed: " + said);
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        for (String name : made) {
            ip("netns", "del", name);
        }
    }
}
