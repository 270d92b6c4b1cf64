// SPDX-License-Identifier: Apache-2.0
/** The losses of the paper's section 2.4, each a small function of tensors. */
package aulos.hifigan.loss;
