// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

/** A command line that can be read but makes no sense: exit code 2. */
final class WrongUsage extends RuntimeException {
    WrongUsage(String message) {
        super(message);
    }
}
