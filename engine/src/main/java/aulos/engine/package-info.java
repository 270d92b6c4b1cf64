// SPDX-License-Identifier: Apache-2.0
/** Tensors, automatic differentiation, and {@link aulos.engine.Backend}: the contract of a device. */
package aulos.engine;
