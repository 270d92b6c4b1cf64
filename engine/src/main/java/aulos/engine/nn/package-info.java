// SPDX-License-Identifier: Apache-2.0
/**
 * Layers with named parameters. {@link aulos.engine.nn.Layer} is the tree, {@link aulos.engine.nn.Weights} tells a layer
 * where its parameters come from while it is built.
 */
package aulos.engine.nn;
