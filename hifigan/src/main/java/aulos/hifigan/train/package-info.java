// SPDX-License-Identifier: Apache-2.0
/** Training, from one step ({@link aulos.hifigan.train.TrainingStep}) up. */
package aulos.hifigan.train;
