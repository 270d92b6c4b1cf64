// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.spark;

import aulos.hifigan.eval.Scores;

/**
 * What became of a piece.
 *
 * @param content a whole file: WAV or .npy; null if there is none
 * @param seconds of computing
 * @param device that computed, or null
 * @param melError mean absolute difference of the mels of input and result; null if it was not asked for
 * @param scores of an evaluation, or null
 * @param error why there is no result, or null
 */
@SuppressWarnings("ArrayRecordComponent")
record Result(byte[] content, double seconds, String device, Double melError, Scores scores, String error) {
    static Result broken(String error) {
        return new Result(null, 0, null, null, null, error);
    }
}
