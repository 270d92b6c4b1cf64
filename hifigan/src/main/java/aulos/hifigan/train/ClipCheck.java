// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import aulos.engine.io.Npy;
import aulos.hifigan.audio.AudioFile;
import aulos.hifigan.audio.AudioStream;
import aulos.hifigan.model.MelConfig;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Looks at all files of a list before anything is trained: that they are there, and what their headers say. */
final class ClipCheck {
    private final MelConfig config;
    private final Map<Integer, Integer> otherRates = new TreeMap<>();

    private ClipCheck(MelConfig config) {
        this.config = config;
    }

    /**
     * Names the broken clips, and says once for each other sampling rate that clips are resampled. What is damaged
     * behind its header still shows only when it is read.
     *
     * @throws IOException if more than 1% of the clips are broken; names the first
     */
    static void check(List<Clip> clips, MelConfig config, ClipProblems problems) throws IOException {
        ClipCheck check = new ClipCheck(config);
        Map<Clip, IOException> broken = new LinkedHashMap<>();
        for (Clip clip : clips) {
            try {
                check.headers(clip);
            } catch (IOException e) {
                broken.putIfAbsent(clip, e);
            }
        }
        if (!broken.isEmpty()) {
            IOException first = broken.values().iterator().next();
            problems.stopIfTooMany(broken.size(), "the first: " + first.getMessage(), first);
        }
        for (Map.Entry<Clip, IOException> each : broken.entrySet()) {
            problems.broken(each.getKey(), each.getValue());
        }
        check.otherRates.forEach((rate, count) -> problems.say(count + " of " + clips.size() + " clips "
                + (count == 1 ? "is" : "are") + " at " + rate + " Hz: resampled to " + config.samplingRate() + " Hz"));
    }

    private void headers(Clip clip) throws IOException {
        try (AudioStream audio = AudioFile.open(clip.audio())) {
            int rate = audio.sampleRate();
            if (clip.mel() != null) {
                long samples = Math.round((double) audio.length() * config.samplingRate() / rate);
                Utterance.requireShape(clip, Npy.shape(clip.mel()), config, audio.length() < 0 ? -1 : samples);
            }
            if (rate != config.samplingRate()) {
                otherRates.merge(rate, 1, Integer::sum);
            }
        }
    }
}
