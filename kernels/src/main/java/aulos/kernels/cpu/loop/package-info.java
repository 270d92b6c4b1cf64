// SPDX-License-Identifier: Apache-2.0
/**
 * Innermost loops by what they compute. Each class here states a contract and hands it to vector or plain loops, which
 * give the same bits.
 */
package aulos.kernels.cpu.loop;
