// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.io;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Models that people take for HiFi-GAN generators, known by names in their state dicts. */
final class ForeignModel {
    private static final int MAX_DICTS = 1000;
    /** Names that are looked at, and the longest of them. */
    private static final int MAX_NAMES = 20_000;
    private static final int MAX_LENGTH = 200;

    /** Model, and parts of names that it alone has: each must be in some name. */
    private static final Map<String, List<String>> SIGNS = new LinkedHashMap<>();

    static {
        SIGNS.put("VITS, whose HiFi-GAN takes latents in place of mels", List.of("enc_p.", "dec.conv_pre."));
        SIGNS.put("Glow-TTS, a text-to-speech model", List.of("decoder.flows.", "encoder."));
        SIGNS.put("Tacotron 2, a text-to-speech model", List.of("attention_rnn.", "decoder_rnn."));
        SIGNS.put("WaveGlow, another vocoder", List.of("convinv.", "WN."));
        SIGNS.put("BigVGAN, another vocoder", List.of("conv_pre.", ".activations.", ".act.alpha"));
        SIGNS.put("an NSF-HiFiGAN, which needs a pitch too", List.of("conv_pre.", "noise_convs."));
        SIGNS.put("Transformers' SpeechT5HifiGan, whose layers are named otherwise", List.of("conv_pre.", "upsampler."));
        SIGNS.put("ParallelWaveGAN's HiFi-GAN, whose layers are named otherwise", List.of("input_conv.", "output_conv."));
        SIGNS.put("Parallel WaveGAN, another vocoder", List.of("first_conv.", "last_conv_layers."));
        SIGNS.put("UnivNet, another vocoder", List.of("kernel_predictor."));
        SIGNS.put("Vocos, another vocoder", List.of("backbone.", "head.istft."));
    }

    private ForeignModel() {}

    /** What kind of model a checkpoint is of, for people, or null if it is none of these. */
    static String of(Map<?, ?> checkpoint) {
        Map<String, boolean[]> seen = new LinkedHashMap<>();
        SIGNS.forEach((model, signs) -> seen.put(model, new boolean[signs.size()]));
        Set<Object> entered = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Map<?, ?>> dicts = new ArrayDeque<>(List.of(checkpoint));
        int names = 0;
        while (!dicts.isEmpty() && entered.size() < MAX_DICTS) {
            Map<?, ?> dict = dicts.remove();
            if (!entered.add(dict)) {
                continue;
            }
            for (Map.Entry<?, ?> entry : dict.entrySet()) {
                if (entry.getValue() instanceof Map<?, ?> inner) {
                    dicts.add(inner);
                } else if (entry.getKey() instanceof String name && name.length() <= MAX_LENGTH && names++ < MAX_NAMES) {
                    mark(seen, name);
                }
            }
        }
        for (Map.Entry<String, boolean[]> model : seen.entrySet()) {
            boolean all = true;
            for (boolean sign : model.getValue()) {
                all &= sign;
            }
            if (all) {
                return model.getKey();
            }
        }
        return null;
    }

    private static void mark(Map<String, boolean[]> seen, String name) {
        SIGNS.forEach((model, signs) -> {
            for (int i = 0; i < signs.size(); i++) {
                seen.get(model)[i] |= name.contains(signs.get(i));
            }
        });
    }
}
