// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.spark;

import aulos.cluster.spark.store.Store;
import aulos.hifigan.audio.Encoding;
import aulos.hifigan.model.HifiGanConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code spark-submit --class aulos.cluster.spark.Eval aulos-cluster.jar}: how close a generated corpus comes. */
@Command(
        name = "eval",
        description = {
            "Measures how close a corpus of generated speech comes to the recordings: a row for each in manifest.parquet, "
                    + "and the means.",
            "Files belong together if they have the same place and name, without _generated or _generated_e2e."
        },
        mixinStandardHelpOptions = true)
public final class Eval extends JobCommand {
    /** The longer one first: it ends like the shorter. */
    private static final List<String> SUFFIXES = List.of("_generated_e2e", "_generated");

    @Option(names = "--reference", required = true, paramLabel = "DIR", description = "Recordings, WAV or FLAC.")
    private String reference;

    @Option(names = "--generated", required = true, paramLabel = "DIR", description = "What to measure, WAV or FLAC.")
    private String generated;

    @Option(
            names = "--config",
            paramLabel = "F",
            description = "The config.json whose mel spectrogram and sampling rate count. Default: those of V1.")
    private String config;

    public static void main(String[] args) {
        main(new Eval(), args);
    }

    @Override
    Settings settings(Store store) throws IOException {
        HifiGanConfig chosen = config(store, config);
        return new Settings(Settings.Action.EVAL, null, chosen.toJson(), Encoding.PCM16, false,
                options.rangeOf(chosen.mel()), options.computing(), store.qualify(options.out).toString(), 0);
    }

    /** What has no reference is broken; a reference of which nothing was generated is none of this job's inputs. */
    @Override
    List<Clip> inputs(Store store, Settings settings) throws IOException {
        Map<String, String> references = new HashMap<>();
        for (Clip clip : Inputs.list(store, List.of(reference), Inputs.AUDIO, settings)) {
            references.put(clip.output(), clip.input());
        }
        List<Clip> pairs = new ArrayList<>();
        for (Clip clip : Inputs.list(store, List.of(generated), Inputs.AUDIO, settings)) {
            String partner = references.get(withoutSuffix(clip.output()));
            Clip pair = Clip.unknown(clip.input(), clip.output(), partner);
            pairs.add(partner == null ? pair.broken("has no reference in " + reference) : pair);
        }
        return pairs;
    }

    private static String withoutSuffix(String name) {
        for (String suffix : SUFFIXES) {
            if (name.endsWith(suffix)) {
                return name.substring(0, name.length() - suffix.length());
            }
        }
        return name;
    }

    @Override
    void report(Manifest manifest) {
        long count = manifest.measured("mel_error");
        if (count > 0) {
            boolean pitch = manifest.measured("f0_rmse_cents") > 0;
            spec.commandLine().getOut().printf(Locale.ROOT,
                    "mean of %d: mel error %.4f, STFT %.4f, MCD %.3f dB, F0 RMSE %s, voicing %.2f %%%n", count,
                    manifest.mean("mel_error"), manifest.mean("stft_distance"), manifest.mean("mcd_db"),
                    pitch ? String.format(Locale.ROOT, "%.1f ct", manifest.mean("f0_rmse_cents")) : "-",
                    100 * manifest.mean("voicing_error"));
        }
    }
}
