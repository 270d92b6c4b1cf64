// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.spark;

import aulos.cluster.spark.store.Store;
import java.io.IOException;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaRDD;
import scala.Tuple2;

/**
 * What the table of all inputs says of them together.
 *
 * @param inputs how many there are
 * @param broken how many of them
 * @param named some broken inputs and what is wrong with them, by name
 * @param sums of each measure over the inputs that have it
 * @param counts of those inputs
 */
@SuppressWarnings("ArrayRecordComponent")
record Manifest(long inputs, long broken, TreeMap<String, String> named, double[] sums, long[] counts)
        implements Serializable {

    /** Broken inputs that are named. */
    private static final int NAMED = 10;
    /** Tables of tasks whose inputs make one file. */
    private static final int PARTS_TOGETHER = 16;

    static Manifest empty() {
        int measures = Journal.MEASURES.size();
        return new Manifest(0, 0, new TreeMap<>(), new double[measures], new long[measures]);
    }

    /** Makes the table, a row for each input, of the newest rows of the tasks. Replaces that of an earlier run. */
    static Manifest write(JavaRDD<Entry> entries, Store store, Settings settings, ManifestPart part) throws IOException {
        Layout layout = Layout.of(settings);
        store.delete(layout.newManifest());
        int parts = Math.ceilDiv(entries.getNumPartitions(), PARTS_TOGETHER);
        Manifest manifest = entries.mapToPair(entry -> new Tuple2<>(entry.input(), entry)).groupByKey(parts).values()
                .mapPartitions(part).reduce(Manifest::plus);
        store.delete(layout.manifest());
        store.rename(layout.newManifest(), layout.manifest());
        return manifest;
    }

    Manifest plus(Manifest other) {
        TreeMap<String, String> both = new TreeMap<>(named);
        both.putAll(other.named);
        while (both.size() > NAMED) {
            both.pollLastEntry();
        }
        double[] sum = sums.clone();
        long[] count = counts.clone();
        Arrays.setAll(sum, i -> sum[i] + other.sums[i]);
        Arrays.setAll(count, i -> count[i] + other.counts[i]);
        return new Manifest(inputs + other.inputs, broken + other.broken, both, sum, count);
    }

    /** Some broken inputs, and what is wrong with them. */
    List<String> reasons() {
        return named.entrySet().stream().map(each -> each.getValue().startsWith(each.getKey()) ? each.getValue()
                : each.getKey() + ": " + each.getValue()).toList();
    }

    /** Of how many inputs there is such a measure. */
    long measured(String column) {
        return counts[Journal.MEASURES.indexOf(column)];
    }

    /** Over those inputs. */
    double mean(String column) {
        return sums[Journal.MEASURES.indexOf(column)] / measured(column);
    }
}
