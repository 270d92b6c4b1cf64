// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli.guide;

import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints a script after which a shell completes commands, options and their values. It sees all commands. */
@Command(
        name = "completion",
        description = "Prints a script that has a shell complete commands, options and their values.",
        footer = {"", "For this shell only: 'source <(aulos completion bash)'. For all later ones, put that line into",
            "~/.bashrc or ~/.zshrc."},
        mixinStandardHelpOptions = true)
public final class CompletionCommand implements Runnable {
    /** The shells there are scripts for. */
    private enum Shell { BASH, ZSH }

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "SHELL", description = "bash or zsh.")
    private Shell shell;

    @Override
    public void run() {
        String script = AutoComplete.bash(spec.root().name(), spec.root().commandLine());
        // zsh completes as bash does once it has loaded this; the script loads it itself where it is sourced by zsh.
        String start = shell == Shell.ZSH ? "autoload -Uz compinit bashcompinit\ncompinit\nbashcompinit\n" : "";
        spec.commandLine().getOut().print(start + script);
        spec.commandLine().getOut().flush();
    }
}
