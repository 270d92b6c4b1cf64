// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import aulos.engine.Precision;
import aulos.kernels.opencl.ConvLayer;
import aulos.kernels.opencl.ConvTuner;
import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.PrintWriter;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Tunes layers, the costliest first, until all are done or the time is up; then the rest stay as they were. */
final class TuneRun {
    private final ConvTuner tuner;
    private final PrintWriter out;
    private final long end;
    private final JsonArray results = new JsonArray();

    /** @param seconds 0: as long as it takes */
    TuneRun(ConvTuner tuner, PrintWriter out, int seconds) {
        this.tuner = tuner;
        this.out = out;
        end = seconds == 0 ? Long.MAX_VALUE : System.nanoTime() + seconds * 1_000_000_000L;
    }

    /** One result for each layer and precision that there was time for. */
    JsonArray tune(List<ConvLayer> layers, List<Precision> precisions) {
        List<ConvLayer> costliest = layers.stream().sorted(Comparator.comparingDouble(layer -> -layer.flop())).toList();
        int left = 0;
        for (Precision precision : precisions) {
            if (!tuner.takes(precision)) {
                out.println("not tuned for " + precision + ", which the device cannot");
                continue;
            }
            tuner.usePrecision(precision);
            tuner.compile(costliest);
            for (ConvLayer layer : costliest) {
                if (System.nanoTime() >= end) {
                    left++;
                } else {
                    ConvTuner.Result result = tuner.tune(layer);
                    JsonObject json = new Gson().toJsonTree(result).getAsJsonObject();
                    json.addProperty("precision", precision.toString());
                    results.add(json);
                    print(result);
                }
            }
        }
        if (left > 0) {
            out.println("the time is up: " + left + " layers are as they were");
        }
        return results;
    }

    private void print(ConvTuner.Result result) {
        out.printf(Locale.ROOT, "%-64s x%-7d %9.3f ms %8.1f GFLOP/s  %4.2fx of untuned  %s, %d %s%n", result.layer(),
                result.length(), 1e3 * result.seconds(), result.gigaflops(), result.untunedSeconds() / result.seconds(),
                result.tile(), result.splits(), result.splits() == 1 ? "part" : "parts");
        result.rejected().forEach(rejected -> out.println("  rejected: " + rejected));
        out.flush();
    }
}
