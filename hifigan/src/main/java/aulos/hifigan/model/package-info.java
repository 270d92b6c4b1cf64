// SPDX-License-Identifier: Apache-2.0
/** HiFi-GAN's networks; {@link aulos.hifigan.model.HifiGanConfig} says how large they are. */
package aulos.hifigan.model;
