// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.spark;

import aulos.cluster.spark.store.Store;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;

/** The driver's part: what is to be done, who does what, and what came of it. */
final class Job {
    /** Tasks for each core, so that none waits long for the last. */
    private static final int TASKS_PER_CORE = 16;
    /** Bounds of a task's audio, in seconds: its start costs milliseconds, its loss all that it has done. */
    private static final double SHORTEST_TASK = 30;
    private static final double LONGEST_TASK = 900;
    /** Headers that are read by one task. */
    private static final int PROBED_TOGETHER = 256;

    private final JavaSparkContext context;
    private final Store store;
    private final Settings settings;
    private final Layout layout;
    private final long run = System.currentTimeMillis();
    private final Broadcast<SerializableConfiguration> hadoop;

    /** What a run did. @param before clips that were there already */
    record Outcome(Manifest manifest, int before, int tasks, Work.Sum sum) {}

    Job(JavaSparkContext context, Store store, Settings settings) {
        this.context = context;
        this.store = store;
        this.settings = settings;
        this.layout = Layout.of(settings);
        this.hadoop = context.broadcast(new SerializableConfiguration(store.conf()));
    }

    /**
     * @param given all inputs
     * @param taskSeconds audio of a task, or 0 to choose
     */
    Outcome run(List<Clip> given, double taskSeconds) throws IOException {
        begin();
        Done done = Done.read(context, store, settings, hadoop);
        List<Clip> missing = given.stream().filter(clip -> !done.has(clip)).toList();
        List<Clip> clips = unpack(probe(missing), done);
        List<Piece> pieces = new ArrayList<>();
        Map<String, Clip> cut = new LinkedHashMap<>();
        for (Clip clip : clips) {
            List<Piece> all = cut(clip);
            all.stream().filter(piece -> !done.has(piece)).forEach(pieces::add);
            if (all.size() > 1) {
                cut.put(clip.input(), clip);
            }
        }
        double total = pieces.stream().mapToDouble(Piece::seconds).sum();
        double seconds = taskSeconds > 0 ? taskSeconds
                : Math.clamp(total / (TASKS_PER_CORE * context.defaultParallelism()), SHORTEST_TASK, LONGEST_TASK);
        List<List<Piece>> groups = Piece.group(pieces, seconds);
        Broadcast<Settings> shared = context.broadcast(settings);
        Work.Sum sum = groups.isEmpty() ? new Work.Sum(0, 0, 0, 0) : context.parallelize(groups, groups.size())
                .mapPartitions(new Work(shared, hadoop, run)).reduce(Work.Sum::plus);
        if (!settings.parquet() && !cut.isEmpty()) {
            assemble(cut);
        }
        Manifest manifest = Manifest.write(Entry.all(context, store, settings, hadoop), store, settings,
                new ManifestPart(settings.withoutVoice(), hadoop, run));
        store.delete(layout.temporary());
        return new Outcome(manifest, given.size() - missing.size(), groups.size(), sum);
    }

    /** An evaluation needs whole clips. */
    private List<Piece> cut(Clip clip) {
        return settings.action() == Settings.Action.EVAL && clip.error() == null
                ? List.of(new Piece(clip, 0, Math.toIntExact(clip.frames()))) : Piece.cut(clip, settings.range());
    }

    /** Claims the folder: results that depend on different settings are not mixed. */
    private void begin() throws IOException {
        Path file = layout.settings();
        byte[] mine = settings.identity().getBytes(StandardCharsets.UTF_8);
        if (store.exists(file)) {
            try (SeekableByteChannel channel = store.open(file)) {
                String theirs = new String(Channels.newInputStream(channel).readNBytes(1 << 12), StandardCharsets.UTF_8);
                if (!theirs.equals(settings.identity())) {
                    throw new IOException(layout.out() + ": holds results of " + theirs + ", expected "
                            + settings.identity() + ": choose another --out");
                }
            }
            return;
        }
        Path temporary = new Path(layout.temporary(), "settings-" + run);
        try (OutputStream out = store.create(temporary)) {
            out.write(mine);
        }
        store.rename(temporary, file);
    }

    private List<Clip> probe(List<Clip> clips) {
        if (clips.isEmpty()) {
            return clips;
        }
        int tasks = Math.min(clips.size(),
                Math.max(context.defaultParallelism(), Math.ceilDiv(clips.size(), PROBED_TOGETHER)));
        return context.parallelize(clips, tasks).mapPartitions(new Probe(settings.withoutVoice(), hadoop)).collect();
    }

    /** Replaces clips that have to be decoded from their start, and are longer than a range, by their samples. */
    private List<Clip> unpack(List<Clip> clips, Done done) {
        List<Clip> packed = clips.stream().filter(clip -> clip.packed() && clip.error() == null
                && cut(clip).size() > 1 && cut(clip).stream().anyMatch(piece -> !done.has(piece))).toList();
        if (packed.isEmpty()) {
            return clips;
        }
        Map<String, Clip> unpacked = new LinkedHashMap<>();
        context.parallelize(packed, packed.size()).map(new Unpack(settings.withoutVoice(), hadoop, run)).collect()
                .forEach(clip -> unpacked.put(clip.input(), clip));
        return clips.stream().map(clip -> unpacked.getOrDefault(clip.input(), clip)).toList();
    }

    /** Makes files of the clips whose ranges are all there, and then removes the ranges. */
    private void assemble(Map<String, Clip> cut) throws IOException {
        Done done = Done.read(context, store, settings, hadoop);
        List<Clip> complete = cut.values().stream().filter(clip -> cut(clip).stream().allMatch(done::has)).toList();
        if (complete.isEmpty()) {
            return;
        }
        context.parallelize(complete, complete.size()).foreach(new Assemble(settings.withoutVoice(), hadoop, run));
        for (Clip clip : complete) {
            store.delete(layout.unpacked(clip).getParent());
        }
    }
}
