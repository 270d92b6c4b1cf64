// SPDX-License-Identifier: Apache-2.0
/** What the backends share. */
package aulos.kernels;
