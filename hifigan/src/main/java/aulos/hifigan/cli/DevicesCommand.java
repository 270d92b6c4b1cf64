// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import aulos.engine.BackendProvider;
import aulos.engine.Backends;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "devices",
        description = "Lists what --device can name here, the one that auto chooses first.",
        mixinStandardHelpOptions = true)
final class DevicesCommand implements Runnable {
    @ParentCommand
    private Aulos aulos;

    @Option(names = "--json", description = "Print one JSON object per device.")
    private boolean json;

    /** A device, or with {@code device} null a kind of which there is none. */
    private record Device(String kind, String device, String description) {}

    @Override
    public void run() {
        PrintWriter out = aulos.out();
        for (BackendProvider provider : Backends.providers()) {
            try {
                List<String> devices = provider.devices();
                for (int i = 0; i < devices.size(); i++) {
                    String name = devices.size() == 1 ? provider.name() : provider.name() + ":" + i;
                    print(out, new Device(provider.name(), name, devices.get(i)));
                }
            } catch (IllegalStateException absent) {
                print(out, new Device(provider.name(), null, absent.getMessage()));
            }
        }
    }

    private void print(PrintWriter out, Device device) {
        if (json) {
            out.println(Json.line(device));
        } else if (device.device() == null) {
            out.printf("%-12s not available: %s%n", device.kind(), device.description());
        } else {
            out.printf("%-12s %s%n", device.device(), device.description());
        }
    }
}
