// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.spark;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.apache.hadoop.fs.Path;

/** Where things are in an output folder. */
record Layout(Path out, boolean parquet) {
    static final String PARTS = "parts";
    private static final String JOURNAL = "journal";

    static Layout of(Settings settings) {
        return new Layout(new Path(settings.out()), settings.parquet());
    }

    /** What the folder's results depend on. */
    Path settings() {
        return new Path(out, JOURNAL + "/settings.json");
    }

    /** A Parquet file for each committed task; of the format parquet, with the results inside. */
    Path tasks() {
        return new Path(out, parquet ? "results.parquet" : JOURNAL + "/tasks");
    }

    /** Of a task that is committed by this name, whichever attempt did it. */
    Path task(long run, int partition) {
        return new Path(tasks(), run + "-" + partition + ".parquet");
    }

    /** Ranges of long clips that wait to become files. */
    Path parts() {
        return new Path(out, JOURNAL + "/" + PARTS);
    }

    Path part(Clip clip, long first) {
        return new Path(parts(), id(clip) + "/" + first);
    }

    Path unpacked(Clip clip) {
        return new Path(parts(), id(clip) + "/samples");
    }

    Path output(Clip clip) {
        return new Path(out, clip.output());
    }

    Path manifest() {
        return new Path(out, "manifest.parquet");
    }

    /** Until all of it is there. */
    Path newManifest() {
        return new Path(temporary(), "manifest");
    }

    /** All that is not committed. */
    Path temporary() {
        return new Path(out, JOURNAL + "/temporary");
    }

    /** Not committed, of one attempt of a task alone. */
    Path temporary(long run, long attempt) {
        return new Path(temporary(), run + "-" + attempt);
    }

    /** One name for one output, whatever its folder. */
    private static String id(Clip clip) {
        return Base64.getUrlEncoder().withoutPadding()
                .encodeToString(Settings.sha256(clip.output().getBytes(StandardCharsets.UTF_8))).substring(0, 22);
    }
}
