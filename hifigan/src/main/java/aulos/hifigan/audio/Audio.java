// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio;

/**
 * A whole recording. It shares the array it is given; by convention nobody writes to it afterwards.
 *
 * @param samples mono, full scale is ±1
 * @param sampleRate of {@code samples}, in Hz
 * @param fileRate the sampling rate of the file it was read from, in Hz
 * @param note what is wrong with that file and was put up with, for people; or null
 */
@SuppressWarnings("ArrayRecordComponent")
public record Audio(float[] samples, int sampleRate, int fileRate, String note) {
    public boolean resampled() {
        return sampleRate != fileRate;
    }

    public double seconds() {
        return (double) samples.length / sampleRate;
    }
}
