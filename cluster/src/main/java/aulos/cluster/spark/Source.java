// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.spark;

import aulos.cluster.spark.store.RawSamples;
import aulos.cluster.spark.store.Store;
import aulos.engine.NdArray;
import aulos.engine.io.NpyMatrix;
import aulos.hifigan.audio.AudioFile;
import aulos.hifigan.audio.AudioStream;
import aulos.hifigan.model.MelSpectrogram;
import java.io.IOException;
import org.apache.hadoop.fs.Path;

/** Reads those parts of clips that some frames depend on. */
record Source(Store store) {

    AudioStream open(Clip clip) throws IOException {
        if (clip.unpacked() != null) {
            return new RawSamples(clip.unpacked(), store.open(new Path(clip.unpacked())), clip.rate());
        }
        return AudioFile.open(clip.input(), store.open(new Path(clip.input())));
    }

    NpyMatrix openMel(Clip clip) throws IOException {
        return NpyMatrix.open(clip.input(), store.open(new Path(clip.input())));
    }

    /**
     * The samples at {@code rate} Hz that the frames from {@code first} to {@code end} need.
     *
     * @throws IOException if the file is damaged there, or ends before
     */
    MelSpectrogram.Part samples(Clip clip, MelSpectrogram mel, int rate, long first, long end) throws IOException {
        try (AudioStream stream = open(clip).resampledTo(rate)) {
            long total = resampled(clip.samples(), clip.rate(), rate);
            long begin = mel.partBegin(first);
            float[] samples = new float[Math.toIntExact(mel.partEnd(end, total) - begin)];
            long skipped = stream.skip(begin);
            int count = 0;
            while (skipped == begin && count < samples.length) {
                int read = stream.read(samples, count, samples.length - count);
                if (read < 0) {
                    break;
                }
                count += read;
            }
            if (count < samples.length) {
                throw new IOException(clip.input() + ": ends after " + (skipped + count) + " of " + total + " samples");
            }
            if (end == clip.frames()) {
                requireEnd(clip, stream);
            }
            return new MelSpectrogram.Part(samples, begin, total);
        }
    }

    /** Reads what no frame needs: what is wrong there is wrong with the file, whose checksum may come last. */
    private static void requireEnd(Clip clip, AudioStream stream) throws IOException {
        float[] rest = new float[1 << 12];
        long count = 0;
        for (int read = stream.read(rest, 0, rest.length); read >= 0; read = stream.read(rest, 0, rest.length)) {
            count += read;
            if (count > rest.length) {
                throw new IOException(clip.input() + ": is longer than it was when the job began");
            }
        }
    }

    /**
     * Frames of a mel file.
     *
     * @throws IOException if a value is not finite; names the first such place
     */
    NdArray mels(Clip clip, long first, int count) throws IOException {
        try (NpyMatrix matrix = openMel(clip)) {
            NdArray mels = matrix.columns(Math.toIntExact(first), count);
            float[] values = mels.floats();
            for (int i = 0; i < values.length; i++) {
                if (!Float.isFinite(values[i])) {
                    throw new IOException(clip.input() + ": mel is " + mels.get(i) + " at band " + i / count + ", frame "
                            + (first + i % count) + ", expected finite float32 values");
                }
            }
            return mels;
        }
    }

    /** How long a clip is at another sampling rate. */
    static long resampled(long samples, int from, int to) {
        long divisor = gcd(from, to);
        return Math.ceilDiv(samples * (to / divisor), from / divisor);
    }

    private static long gcd(long a, long b) {
        return b == 0 ? a : gcd(b, a % b);
    }
}
