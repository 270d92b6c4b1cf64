// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import aulos.engine.Shape;
import aulos.hifigan.export.OnnxExport;
import aulos.hifigan.vocode.Voice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "export",
        description = "Writes a generator without what only training needs, its configuration included.",
        mixinStandardHelpOptions = true)
final class ExportCommand implements Callable<Integer> {
    @ParentCommand
    private Aulos aulos;

    @Mixin
    private VoiceOptions voiceOptions;

    @Option(
            names = "--out",
            paramLabel = "F",
            required = true,
            description = "The file to write: .safetensors with folded weights, or .onnx.")
    private Path out;

    @Option(names = "--json", description = "Print a JSON object.")
    private boolean json;

    /** What {@code --json} prints. */
    private record Result(String checkpoint, String output, long parameters, long bytes) {}

    @Override
    public Integer call() throws IOException {
        boolean onnx = Inputs.hasExtension(out, ".onnx");
        if (!onnx && !Inputs.hasExtension(out, ".safetensors")) {
            throw new WrongUsage("--out " + out + " ends neither in .safetensors nor in .onnx");
        }
        Voice voice = voiceOptions.load(aulos::say);
        Path checkpoint = voiceOptions.checkpoint();
        if (checkpoint != null && Files.exists(out) && Files.isSameFile(out, checkpoint)) {
            throw new WrongUsage(checkpoint + " would be overwritten by its own result");
        }
        if (onnx) {
            OnnxExport.write(out, voice.config(), voice.weights());
        } else {
            voice.save(out);
        }
        long parameters = voice.config().foldedParameters().values().stream().mapToLong(Shape::size).sum();
        Result result = new Result(voiceOptions.name(), out.toString(), parameters, Files.size(out));
        aulos.out().println(json ? Json.line(result)
                : result.checkpoint() + " -> " + out + ": " + parameters + " parameters, " + result.bytes() + " bytes");
        return ExitCode.OK;
    }
}
