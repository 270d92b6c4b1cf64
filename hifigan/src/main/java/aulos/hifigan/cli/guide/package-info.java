// SPDX-License-Identifier: Apache-2.0
/** Commands that tell about the other commands: completion for shells, pages for man. */
package aulos.hifigan.cli.guide;
