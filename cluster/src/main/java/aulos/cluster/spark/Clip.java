// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.spark;

import aulos.hifigan.audio.AudioStream;
import java.io.Serializable;
import java.util.Locale;

/**
 * An input and what is known of it.
 *
 * @param input its address
 * @param output where the result is to be, relative to the output folder
 * @param reference the recording that it is compared with, or null
 * @param packed whether it can only be decoded from its start
 * @param unpacked where its samples are as plain float32, or null
 * @param rate sampling rate of the file; of what it becomes if it is a mel
 * @param samples in the file, or −1 if it is a mel
 * @param frames of its mel
 * @param seconds of audio
 * @param note what is wrong with it and was put up with, or null
 * @param error why it cannot be used, or null
 */
record Clip(String input, String output, String reference, boolean packed, String unpacked, int rate, long samples, long frames,
        double seconds, String note, String error) implements Serializable {

    static Clip unknown(String input, String output, String reference) {
        return new Clip(input, output, reference, false, null, 0, 0, 0, 0, null, null);
    }

    Clip broken(String reason) {
        return new Clip(input, output, reference, packed, unpacked, rate, samples, 0, 0, note, reason);
    }

    Clip unpacked(String file) {
        return new Clip(input, output, reference, packed, file, rate, samples, frames, seconds, note, error);
    }

    Clip audio(AudioStream stream, long fileSamples, long melFrames, double audioSeconds) {
        return new Clip(input, output, reference, isPacked(stream), null, stream.sampleRate(), fileSamples, melFrames,
                audioSeconds, stream.note(), null);
    }

    static boolean isPacked(AudioStream stream) {
        return stream.format().startsWith("FLAC");
    }

    Clip mel(int melRate, long melFrames, double audioSeconds) {
        return new Clip(input, output, reference, false, null, melRate, -1, melFrames, audioSeconds, null, null);
    }

    /** By its name, as everywhere in Aulos. */
    boolean isMel() {
        return input.toLowerCase(Locale.ROOT).endsWith(Inputs.MEL);
    }
}
