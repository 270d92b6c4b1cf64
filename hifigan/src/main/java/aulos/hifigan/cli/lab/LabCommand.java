// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli.lab;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The group of the study tools; it does nothing by itself. */
@Command(
        name = "lab",
        description = "Looks into a run: 'aulos lab compare' puts two devices side by side.",
        mixinStandardHelpOptions = true,
        subcommands = CompareCommand.class)
public final class LabCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no tool given, expected compare");
    }
}
