// SPDX-License-Identifier: Apache-2.0
/** How close generated speech comes to a recording: {@link aulos.hifigan.eval.Evaluation}. */
package aulos.hifigan.eval;
