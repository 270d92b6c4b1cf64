// SPDX-License-Identifier: Apache-2.0
package aulos.engine.nn;

import aulos.engine.Tensor;

/** A weight that is one tensor. */
record PlainWeight(Parameter weight) implements Weight {
    @Override
    public Tensor value() {
        return weight.tensor();
    }
}
