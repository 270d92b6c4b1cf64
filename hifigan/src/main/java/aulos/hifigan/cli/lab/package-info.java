// SPDX-License-Identifier: Apache-2.0
/** Commands that look into a run. */
package aulos.hifigan.cli.lab;
