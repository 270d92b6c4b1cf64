// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import aulos.hifigan.serve.Server;
import aulos.hifigan.serve.ServerOptions;
import aulos.hifigan.vocode.Voice;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "serve",
        description = "Serves a web page to hear and see the vocoder at work, and the same as an HTTP API (see "
                + "docs/serve.md). Ctrl-C finishes what is being answered.",
        mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {
    @ParentCommand
    private Aulos aulos;

    @Mixin
    private VoiceOptions voiceOptions;

    @Mixin
    private DeviceOption device;

    @Option(
            names = "--checkpoints",
            paramLabel = "DIR",
            description = "A folder of more generators that visitors may choose, each with its configuration inside, "
                    + "or config.json beside them. Nothing outside of it can be chosen, not by a symbolic link either.")
    private Path checkpoints;

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1",
            description = "Where to listen. Default: ${DEFAULT-VALUE}, this machine alone. 0.0.0.0 is everywhere; "
                    + "there is no password.")
    private String host;

    @Option(names = "--port", paramLabel = "N", defaultValue = "8080", description = "0 for any that is free. Default: "
            + "${DEFAULT-VALUE}.")
    private int port;

    @Option(
            names = "--allow-host",
            paramLabel = "NAME",
            description = "A name under which the server may be reached, besides localhost and IP addresses.")
    private Set<String> hosts = new LinkedHashSet<>();

    @Option(
            names = "--queue",
            paramLabel = "N",
            defaultValue = "32",
            description = "Requests worked on at a time, each from when it has arrived; more are told to come back later. "
                    + "Default: ${DEFAULT-VALUE}.")
    private int queue;

    @Option(
            names = "--max-seconds",
            paramLabel = "N",
            defaultValue = "60",
            description = "The longest clip that is taken. Default: ${DEFAULT-VALUE}.")
    private int maxSeconds;

    @Option(
            names = "--max-mib",
            paramLabel = "N",
            defaultValue = "32",
            description = "The largest upload that is taken. Default: ${DEFAULT-VALUE}.")
    private int maxMib;

    @Option(
            names = "--timeout",
            paramLabel = "S",
            defaultValue = "120",
            description = "Seconds that a request may take, loading its voice included. Default: ${DEFAULT-VALUE}.")
    private int timeout;

    @Override
    public Integer call() throws IOException, InterruptedException {
        ServerOptions options = options();
        Voice voice = voiceOptions.load(aulos::say);
        CountDownLatch stop = new CountDownLatch(1);
        try (Interrupt _ = new Interrupt(stop::countDown); Server server = start(options, voice)) {
            InetSocketAddress address = server.address();
            if (!address.getAddress().isLoopbackAddress()) {
                aulos.say("whoever can reach this machine can use this server: there is no password");
            }
            String name = address.getAddress().isAnyLocalAddress() ? "localhost" : host;
            String bracketed = name.contains(":") ? "[" + name + "]" : name;
            aulos.out().println("http://" + bracketed + ":" + address.getPort() + "/");
            aulos.say("listening at the address above; Ctrl-C stops");
            stop.await();
            aulos.say("stopping");
        }
        return ExitCode.OK;
    }

    private ServerOptions options() throws UnknownHostException {
        try {
            long maxBytes = (long) maxMib << 20;
            return new ServerOptions(InetAddress.getByName(host), port, hosts, device.name(), device.precision(),
                    checkpoints, queue, maxSeconds, maxBytes, Duration.ofSeconds(timeout),
                    ServerOptions.Receiving.usual(queue, maxBytes));
        } catch (IllegalArgumentException e) {
            throw new WrongUsage(e.getMessage());
        } catch (UnknownHostException e) {
            throw new WrongUsage("--host " + host + " is no address of this machine");
        }
    }

    private Server start(ServerOptions options, Voice voice) throws IOException, InterruptedException {
        String file = voiceOptions.checkpoint() == null ? voiceOptions.name()
                : voiceOptions.checkpoint().getFileName().toString();
        try {
            return Server.start(options, file, voice, (message, error) -> {
                if (error == null) {
                    aulos.say(message);
                } else {
                    aulos.report(message + ": " + Errors.message(error), error);
                }
            });
        } catch (IllegalArgumentException e) {
            throw new WrongUsage(e.getMessage());
        }
    }
}
