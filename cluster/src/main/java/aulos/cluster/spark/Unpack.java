// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.spark;

import aulos.cluster.spark.store.RawSamples;
import aulos.cluster.spark.store.Store;
import aulos.hifigan.audio.AudioStream;
import java.io.IOException;
import java.io.OutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Decodes a long clip once, so that ranges of it can be read: a frame of FLAC cannot be found without those before it,
 * and its checksum is that of the whole.
 */
record Unpack(Settings settings, Broadcast<SerializableConfiguration> hadoop, long run) implements Function<Clip, Clip> {

    @Override
    public Clip call(Clip clip) throws IOException {
        Store store = new Store(hadoop.value().value());
        Layout layout = Layout.of(settings);
        Path file = layout.unpacked(clip);
        if (!store.exists(file)) {
            Path temporary = new Path(layout.temporary(run, TaskContext.get().taskAttemptId()), "samples");
            try (OutputStream out = store.create(temporary)) {
                try (AudioStream stream = new Source(store).open(clip)) {
                    RawSamples.write(stream, out);
                } catch (IOException e) {
                    Failures.rethrowIfStopped(e);
                    return clip.broken(Failures.line(e));
                }
            }
            store.rename(temporary, file);
        }
        return clip.unpacked(file.toString());
    }
}
