// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

/**
 * How a session ends, beside its number of steps.
 *
 * @param minutes after which it has stopped, the last validation and checkpoint included; infinite for no limit
 * @param slim whether checkpoints lack the moments of the discriminators' optimiser, which are most of a {@code do_} file;
 *     a run that goes on from one starts them anew
 */
public record Ending(double minutes, boolean slim) {
    /** The official code's. */
    public static final Ending USUAL = new Ending(Double.POSITIVE_INFINITY, false);

    /** @throws IllegalArgumentException if the time is none */
    public Ending {
        if (!(minutes > 0)) {
            throw new IllegalArgumentException("maximum of minutes is " + minutes + ", expected more than 0");
        }
    }
}
