// SPDX-License-Identifier: Apache-2.0
package aulos.engine.nn;

import aulos.engine.Tensor;

/** A weight that is one tensor. */
record PlainWeight(Tensor value) implements Weight {}
