// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio.flac;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** What the frames of a {@link FlacDecoder} hold, for fuzzing: without checksums, which keep a fuzzer out. */
public final class FuzzedFrame {
    private FuzzedFrame() {}

    /** Reads how large a block is, how its channels are stored, how large its samples are, then two subframes. */
    public static Object read(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        Channel first = new Channel();
        Channel second = new Channel();
        try {
            BitInput in = new BitInput(new ByteArrayInputStream(bytes));
            int size = in.unsigned(9) + 1;
            Stereo stereo = Stereo.values()[in.unsigned(2)];
            int bits = Math.max(4, in.unsigned(5) + 1);
            Subframe.read(in, bits + (stereo.isSide(0) ? 1 : 0), first, size);
            Subframe.read(in, bits + (stereo.isSide(1) ? 1 : 0), second, size);
            stereo.restore(first, second, size);
            return in.align();
        } catch (StreamEnd | Damage e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    /** Two predictions from two samples. */
    public static byte[] seed() {
        long[] samples = {1, 2, 3, 5, 8, 13, 21, 34};
        Bits seed = new Bits().put(samples.length - 1, 9).put(Stereo.MID_SIDE.ordinal(), 2).put(31, 5);
        Coding.linear(12, 9, 700, -200).write(seed, samples, 32, 0);
        Coding.fixed(2).rice(0, 1, 3).write(seed, samples, 33, 0);
        return seed.bytes();
    }

    /** A whole stream. */
    public static byte[] stream() {
        int[] samples = new int[20];
        Arrays.setAll(samples, i -> i * i);
        return new Encoder(22_050, 1, 16).frame(Coding.fixed(2), samples).bytes(new byte[4]);
    }
}
