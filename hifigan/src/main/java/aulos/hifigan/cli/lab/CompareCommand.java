// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli.lab;

import aulos.engine.Backend;
import aulos.engine.Backends;
import aulos.engine.Scope;
import aulos.engine.Shape;
import aulos.engine.Tape;
import aulos.engine.Tensor;
import aulos.engine.nn.Parameter;
import aulos.engine.nn.WeightForm;
import aulos.engine.nn.Weights;
import aulos.engine.reference.ReferenceBackend;
import aulos.engine.study.Microscope;
import aulos.hifigan.model.Generator;
import aulos.hifigan.vocode.Voice;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A generator and its backward pass in float64 and on a device, op by op. */
@Command(
        name = "compare",
        description = {"Runs a generator and its backward pass on a random mel, in float64 and on a device, and prints how far "
                + "each kind of op is off: the largest difference as a share of the largest value. ∂ marks the products of "
                + "the backward pass.", "Errors of earlier ops are in those of later ones."},
        mixinStandardHelpOptions = true)
final class CompareCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--device", paramLabel = "D", defaultValue = "cpu",
            description = "What is compared with float64; 'aulos devices' lists them. Default: ${DEFAULT-VALUE}.")
    private String device;

    @Option(names = "--checkpoint", paramLabel = "F",
            description = "The generator. Default: the voice that comes with Aulos.")
    private Path checkpoint;

    @Option(names = "--frames", paramLabel = "N", defaultValue = "4",
            description = "Length of the mel. Default: ${DEFAULT-VALUE}.")
    private int frames;

    @Option(names = "--bound", paramLabel = "E", defaultValue = "1e-3",
            description = "The first op with a larger error is named, and the exit code is 1. Default: ${DEFAULT-VALUE}.")
    private double bound;

    @Override
    public Integer call() throws IOException {
        if (frames < 1 || frames > 1000 || !(bound >= 0)) {
            throw new ParameterException(spec.commandLine(), "--frames " + frames + " --bound " + bound
                    + ", expected 1 to 1000 frames and a bound of 0 or more");
        }
        Voice voice = checkpoint == null ? Voice.bundled() : Voice.load(checkpoint);
        PrintWriter out = spec.commandLine().getOut();
        try (Backend exact = new ReferenceBackend(); Backend compared = Backends.open(device); Scope scope = Scope.open();
                Tape tape = Tape.open(); Microscope microscope = Microscope.on(tape, compared)) {
            Generator generator = new Generator(voice.config(), Weights.of(exact, scope, voice.weights()), WeightForm.PLAIN);
            Shape shape = Shape.of(1, voice.config().mel().mels(), frames);
            double[] mel = new SplittableRandom(1).doubles(shape.size(), -8, 0).toArray(); // where logarithms of mels lie
            Tensor loss = generator.forward(Tensor.of(exact, shape, mel)).square().mean();
            List<Tensor> weights = generator.parameters().stream().map(Parameter::tensor).toList();
            tape.gradients(loss, weights);
            out.println("float64 and " + compared.description() + ", " + frames + " frames:");
            out.print(microscope.table());
            return microscope.firstBeyond(bound).map(reading -> {
                out.println("the first beyond " + bound + ": " + reading);
                return 1;
            }).orElseGet(() -> {
                out.println("none is beyond " + bound);
                return 0;
            });
        }
    }
}
