// SPDX-License-Identifier: Apache-2.0
/** What the tests of several modules share: golden files, and full-size weights without a file. */
package aulos.hifigan.testing;
