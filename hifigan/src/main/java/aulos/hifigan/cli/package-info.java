// SPDX-License-Identifier: Apache-2.0
/** The command line: {@link aulos.hifigan.cli.Aulos}. */
package aulos.hifigan.cli;
