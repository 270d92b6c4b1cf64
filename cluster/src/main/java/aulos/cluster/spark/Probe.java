// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.spark;

import aulos.cluster.spark.store.Store;
import aulos.engine.Shape;
import aulos.engine.io.NpyMatrix;
import aulos.engine.reference.ReferenceBackend;
import aulos.hifigan.audio.AudioStream;
import aulos.hifigan.audio.WavOutput;
import aulos.hifigan.model.MelConfig;
import aulos.hifigan.model.MelSpectrogram;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/** Looks into the headers of clips: how long they are, and whether they can be used at all. */
record Probe(Settings settings, Broadcast<SerializableConfiguration> hadoop)
        implements FlatMapFunction<Iterator<Clip>, Clip> {

    @Override
    public Iterator<Clip> call(Iterator<Clip> clips) throws IOException {
        Source source = new Source(new Store(hadoop.value().value()));
        List<Clip> known = new ArrayList<>();
        try (ReferenceBackend backend = new ReferenceBackend();
                MelSpectrogram mel = new MelSpectrogram(settings.parsed().mel(), backend)) {
            while (clips.hasNext()) {
                Clip clip = clips.next();
                try {
                    if (clip.error() != null) {
                        known.add(clip);
                        continue;
                    }
                    known.add(clip.isMel() ? mel(source, clip) : audio(source, clip, mel));
                } catch (IOException | RuntimeException e) {
                    Failures.rethrowIfStopped(e);
                    known.add(clip.broken(Failures.line(e)));
                }
            }
        }
        return known.iterator();
    }

    private Clip audio(Source source, Clip clip, MelSpectrogram mel) throws IOException {
        MelConfig config = settings.parsed().mel();
        int rate = config.samplingRate();
        try (AudioStream stream = source.open(clip)) {
            long samples = stream.length() < 0 ? stream.skip(Long.MAX_VALUE) : stream.length();
            if (samples == 0) {
                throw new IOException(clip.input() + ": holds no samples");
            }
            long resampled = Source.resampled(samples, stream.sampleRate(), rate);
            mel.requireLength(resampled);
            long frames = mel.frames(resampled);
            requireRoom(frames, Clip.isPacked(stream));
            long made = settings.action() == Settings.Action.VOCODE ? frames * config.hopSize() : resampled;
            return clip.audio(stream, samples, frames, (double) made / rate);
        }
    }

    private Clip mel(Source source, Clip clip) throws IOException {
        MelConfig config = settings.parsed().mel();
        try (NpyMatrix matrix = source.openMel(clip)) {
            Shape shape = matrix.shape();
            int mels = config.mels();
            if (shape.rank() < 2 || shape.dim(-2) != mels || shape.size() != mels * shape.dim(-1)) {
                throw new IOException(clip.input() + ": mel has shape " + shape + ", expected [" + mels
                        + ",frames] or [1," + mels + ",frames]");
            }
            long frames = shape.dim(-1);
            requireRoom(frames, false);
            return clip.mel(config.samplingRate(), frames, (double) frames * config.hopSize() / config.samplingRate());
        }
    }

    /** A WAV file of 4 GiB is the largest that there is; nor may a few bytes of silence be unpacked to more than that. */
    private void requireRoom(long frames, boolean packed) throws IOException {
        if (packed || (settings.action() == Settings.Action.VOCODE && !settings.parquet())) {
            WavOutput.requireRoom(settings.encoding(), frames * settings.parsed().mel().hopSize());
        }
    }
}
