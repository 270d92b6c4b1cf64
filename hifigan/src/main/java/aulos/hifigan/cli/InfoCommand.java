// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "info",
        description = "Says what a file holds: a checkpoint, an array or a recording.",
        mixinStandardHelpOptions = true)
final class InfoCommand implements Callable<Integer> {
    @ParentCommand
    private Aulos aulos;

    @Option(names = "--json", description = "Print a JSON object.")
    private boolean json;

    @Parameters(paramLabel = "FILE", description = "A PyTorch checkpoint, .safetensors, .npy, .wav or .flac.")
    private Path file;

    @Override
    public Integer call() throws IOException {
        JsonObject facts = FileFacts.of(file);
        if (json) {
            aulos.out().println(facts);
        } else {
            print("", facts);
        }
        return ExitCode.OK;
    }

    private void print(String indent, JsonObject facts) {
        int width = facts.keySet().stream().mapToInt(String::length).max().orElse(0) + 2;
        for (Map.Entry<String, JsonElement> fact : facts.entrySet()) {
            String name = fact.getKey().replace('_', ' ');
            if (fact.getValue() instanceof JsonObject more) {
                aulos.out().println(indent + name);
                print(indent + "  ", more);
            } else {
                String value = fact.getValue().isJsonPrimitive() ? fact.getValue().getAsString()
                        : fact.getValue().toString();
                aulos.out().println(indent + name + " ".repeat(width - name.length()) + value);
            }
        }
    }
}
