// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

/** A loss or a weight is infinite or NaN: the one kind of stop after which the state of a run is not worth saving. */
final class BadNumbers extends IllegalStateException {
    private static final long serialVersionUID = 1;

    BadNumbers(String message) {
        super(message);
    }
}
