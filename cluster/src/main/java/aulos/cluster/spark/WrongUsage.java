// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.spark;

/** A command line that cannot be meant. */
final class WrongUsage extends RuntimeException {
    private static final long serialVersionUID = 1;

    WrongUsage(String message) {
        super(message);
    }
}
