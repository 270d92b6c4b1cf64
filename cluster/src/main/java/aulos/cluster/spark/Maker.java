// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.spark;

import aulos.engine.Backend;
import aulos.engine.NdArray;
import aulos.engine.io.Npy;
import aulos.hifigan.audio.AudioFile;
import aulos.hifigan.audio.WavOutput;
import aulos.hifigan.eval.Scores;
import aulos.hifigan.model.MelConfig;
import aulos.hifigan.model.MelSpectrogram;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import org.apache.hadoop.fs.Path;

/** Makes results of pieces, bit for bit those columns or samples of what one machine makes of the whole clip. */
record Maker(Settings settings, Source source, Studio studio) {

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

    Result make(Piece piece) throws IOException {
        return switch (settings.action()) {
            case VOCODE -> vocode(piece);
            case MEL -> mel(piece);
            case EVAL -> evaluate(piece.clip());
        };
    }

    private Result mel(Piece piece) throws IOException {
        MelSpectrogram.Part part = samples(piece.clip(), piece.first(), piece.first() + piece.count());
        studio.lock.lock();
        try {
            long start = System.nanoTime();
            NdArray mel = studio.mel.ofPart(part, piece.first(), piece.count());
            double seconds = seconds(start);
            ByteArrayOutputStream content = new ByteArrayOutputStream();
            Npy.write(content, mel);
            return result(content.toByteArray(), seconds, null, null);
        } finally {
            studio.lock.unlock();
        }
    }

    /** With as many frames on both sides as the generator can see, and as the mel of the result needs. */
    private Result vocode(Piece piece) throws IOException {
        MelConfig config = studio.config.mel();
        long frames = piece.clip().frames();
        long end = piece.first() + piece.count();
        Backend.Reach reach = studio.config.reach(studio.backend);
        int margin = settings.parquet() ? Math.ceilDiv(config.fftSize(), config.hopSize()) : 0;
        long keptFirst = Math.max(0, piece.first() - margin);
        long keptEnd = Math.min(frames, end + margin);
        long from = Math.max(0, keptFirst - reach.before()) / reach.grid() * reach.grid();
        int count = Math.toIntExact(Math.min(frames, keptEnd + reach.after()) - from);
        boolean given = piece.clip().isMel();
        NdArray read = given ? source.mels(piece.clip(), from, count) : null;
        MelSpectrogram.Part part = given ? null : samples(piece.clip(), from, from + count);
        studio.lock.lock();
        try {
            long start = System.nanoTime();
            NdArray mel = given ? read : studio.mel.ofPart(part, from, count);
            float[] audio = audio(mel, Math.toIntExact((keptFirst - from) * config.hopSize()),
                    Math.toIntExact((keptEnd - from) * config.hopSize()));
            double seconds = seconds(start);
            int skipped = Math.toIntExact((piece.first() - keptFirst) * config.hopSize());
            byte[] wav = wav(piece, audio, skipped, piece.count() * config.hopSize());
            return result(wav, seconds, settings.parquet() ? melError(piece, mel, from, audio, keptFirst) : null, null);
        } finally {
            studio.lock.unlock();
        }
    }

    private float[] audio(NdArray mel, int begin, int end) throws IOException {
        float[] audio = new float[end - begin];
        int at = 0;
        for (Iterator<float[]> chunks = studio.vocoder.chunks(mel); at < end && chunks.hasNext();) {
            float[] chunk = chunks.next();
            int first = Math.max(begin, at);
            int last = Math.min(end, at + chunk.length);
            if (first < last) {
                System.arraycopy(chunk, first - at, audio, first - begin, last - first);
            }
            at += chunk.length;
        }
        return audio;
    }

    private byte[] wav(Piece piece, float[] audio, int offset, int count) throws IOException {
        float[] samples = Arrays.copyOfRange(audio, offset, offset + count);
        for (int i = 0; i < count; i++) {
            if (!Float.isFinite(samples[i])) {
                throw new IOException(piece.clip().input() + ": sample "
                        + (piece.first() * studio.config.mel().hopSize() + i) + " of the result is " + samples[i]
                        + ", expected a finite value");
            }
        }
        ByteArrayOutputStream content =
                new ByteArrayOutputStream(Math.toIntExact(WavOutput.bytes(settings.encoding(), count)));
        new WavOutput(content, studio.config.mel().samplingRate(), settings.encoding(), count).write(samples);
        return content.toByteArray();
    }

    /** Over the piece's frames, of the mel of the whole result. */
    private Double melError(Piece piece, NdArray mel, long melFirst, float[] audio, long audioFirst) {
        int hop = studio.config.mel().hopSize();
        int all = mel.shape().dim(-1);
        int offset = Math.toIntExact(piece.first() - melFirst);
        MelSpectrogram.Part part = new MelSpectrogram.Part(audio, audioFirst * hop, piece.clip().frames() * hop);
        if (part.total() < studio.mel.minimumSamples()) {
            return null;
        }
        // With an odd n_fft − hop_size, the result has one frame less than the mel that it was made from.
        int count = (int) Math.min(piece.count(), studio.mel.frames(part.total()) - piece.first());
        NdArray made = studio.mel.ofPart(part, piece.first(), count);
        double sum = 0;
        for (int i = 0; i < made.shape().size(); i++) {
            sum += Math.abs(made.get(i) - mel.get(i / count * all + offset + i % count));
        }
        return sum / made.shape().size();
    }

    private Result evaluate(Clip clip) throws IOException {
        int rate = studio.config.mel().samplingRate();
        float[] reference = AudioFile.read(clip.reference(), source.store().open(new Path(clip.reference())), rate)
                .samples();
        float[] generated = AudioFile.read(clip.input(), source.store().open(new Path(clip.input())), rate).samples();
        studio.lock.lock();
        try {
            long start = System.nanoTime();
            Scores scores = studio.evaluation.score(reference, generated);
            return result(null, seconds(start), scores.melError(), scores);
        } finally {
            studio.lock.unlock();
        }
    }

    private MelSpectrogram.Part samples(Clip clip, long first, long end) throws IOException {
        return source.samples(clip, studio.mel, studio.config.mel().samplingRate(), first, end);
    }

    private Result result(byte[] content, double seconds, Double melError, Scores scores) {
        return new Result(content, seconds, studio.backend.name(), melError, scores, null);
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) * 1e-9;
    }
}
