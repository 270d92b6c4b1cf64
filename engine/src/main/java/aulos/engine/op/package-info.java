// SPDX-License-Identifier: Apache-2.0
/** The differentiable operations, one to a file; {@link aulos.engine.op.Op} is what each of them is. */
package aulos.engine.op;
