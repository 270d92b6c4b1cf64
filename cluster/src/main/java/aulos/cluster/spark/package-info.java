// SPDX-License-Identifier: Apache-2.0
/** Corpora on Apache Spark: audio to mels, audio or mels to audio, and the quality of what was generated. */
package aulos.cluster.spark;
