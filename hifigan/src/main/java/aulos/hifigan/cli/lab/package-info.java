// SPDX-License-Identifier: Apache-2.0
/** The command {@code lab}: the programs of {@code docs/lab}. */
package aulos.hifigan.cli.lab;
