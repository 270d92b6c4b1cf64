// SPDX-License-Identifier: Apache-2.0
/** What tests and benchmarks share: golden files, and full-size weights without a file. */
package aulos.hifigan.testing;
