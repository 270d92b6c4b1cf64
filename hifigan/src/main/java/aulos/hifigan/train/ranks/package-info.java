// SPDX-License-Identifier: Apache-2.0
/** Training in several processes at once: what it needs of whatever connects them. */
package aulos.hifigan.train.ranks;
