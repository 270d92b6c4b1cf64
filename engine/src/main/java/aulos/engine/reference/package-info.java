// SPDX-License-Identifier: Apache-2.0
/** The specification of every kernel: plain loops in float64, to check gradients and other backends against. */
package aulos.engine.reference;
