// SPDX-License-Identifier: Apache-2.0
/** Functions of functions of tensors: {@link aulos.engine.transform.Transforms} is the place to start. */
package aulos.engine.transform;
