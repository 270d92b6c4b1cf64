// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

/** A generator with its weights loaded, as one contender of a comparison. */
@FunctionalInterface
interface Synthesis {
    /**
     * @param mel [mels, frames], row-major
     * @return frames·hop samples
     */
    float[] audio(float[] mel);
}
