// SPDX-License-Identifier: Apache-2.0
/** Coverage-guided fuzzing, by Jazzer, of everything that reads a file from outside. */
package aulos.hifigan.fuzz;
