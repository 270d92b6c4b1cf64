// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.io;

import aulos.engine.io.InputFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Finds a generator's state dict in whatever a training program wrapped around it. It is the one dict with a
 * {@code conv_pre}, and what stands before that stands before all its names.
 */
final class GeneratorSearch {
    /** Where the official code puts it. */
    private static final String OFFICIAL = "generator";
    private static final String FIRST_LAYER = "conv_pre.";
    /** Under any name that a convolution's parameters have. */
    private static final List<String> PARAMETERS = List.of("bias", "weight", "weight_g", "weight_v",
            "parametrizations.weight.original0", "parametrizations.weight.original1");
    private static final String SAVE =
            "save the generator alone, torch.save({'generator': generator.state_dict()}, 'g_00000000')";
    private static final int MAX_DEPTH = 8;
    private static final int MAX_FOUND = 8;
    private static final int KEYS_SHOWN = 8;
    private static final int PLACE_LENGTH = 200;

    /**
     * A generator in a checkpoint.
     *
     * @param path of keys that lead to its dict
     * @param dict the dict, as it is
     * @param prefix what its own names begin with in that dict, dot included
     */
    record Found(List<String> path, Map<?, ?> dict, String prefix) {
        /** Its own entries, without the prefix. */
        Map<Object, Object> entries() {
            Map<Object, Object> entries = new LinkedHashMap<>();
            dict.forEach((key, value) -> {
                String name = String.valueOf(key);
                // Beside the weights in a bare state dict some programs keep numbers, whose names have no dot.
                if (name.startsWith(prefix) && name.indexOf('.') >= 0) {
                    entries.put(name.substring(prefix.length()), value);
                }
            });
            return entries;
        }

        /** As in {@code model.model_g}; empty if the file is nothing but the state dict. */
        String place() {
            List<String> parts = new ArrayList<>(path);
            if (!prefix.isEmpty()) {
                parts.add(prefix.substring(0, prefix.length() - 1));
            }
            return InputFile.oneLine(String.join(".", parts), PLACE_LENGTH);
        }
    }

    private final Set<Object> entered = Collections.newSetFromMap(new IdentityHashMap<>());
    private final List<Found> found = new ArrayList<>();
    private int official;

    private GeneratorSearch() {}

    /** Every generator that is there, up to a few: first those where the official code puts one. */
    static GeneratorSearch of(Map<?, ?> checkpoint) {
        GeneratorSearch search = new GeneratorSearch();
        if (checkpoint.get(OFFICIAL) instanceof Map<?, ?> official) {
            search.search(List.of(OFFICIAL), official);
        }
        search.official = search.found.size();
        search.search(List.of(), checkpoint);
        return search;
    }

    /** The one that is meant: the official code's, or else the only one; null if there is none such. */
    Found chosen() {
        return official == 1 || official == 0 && found.size() == 1 ? found.getFirst() : null;
    }

    /** What people should know about the choice; null if there was none. */
    String note() {
        return chosen() == null || found.size() == 1 ? null : "holds several generators, " + places() + ": "
                + InputFile.quote(chosen().place()) + " is taken";
    }

    private String places() {
        return found.stream().map(each -> InputFile.quote(each.place())).collect(Collectors.joining(", "));
    }

    private void search(List<String> path, Map<?, ?> dict) {
        if (path.size() > MAX_DEPTH || found.size() >= MAX_FOUND || !entered.add(dict)) {
            return;
        }
        Set<String> prefixes = new LinkedHashSet<>();
        for (Object key : dict.keySet()) {
            String prefix = key instanceof String name && prefixes.size() < MAX_FOUND ? prefix(name) : null;
            if (prefix != null) {
                prefixes.add(prefix);
            }
        }
        prefixes.forEach(prefix -> found.add(new Found(path, dict, prefix)));
        dict.forEach((key, value) -> {
            if (value instanceof Map<?, ?> inner) {
                List<String> longer = new ArrayList<>(path);
                longer.add(String.valueOf(key));
                search(longer, inner);
            }
        });
    }

    /** What stands before a name of the first layer, dot included; null if it is another's. */
    private static String prefix(String name) {
        for (String parameter : PARAMETERS) {
            int end = name.length() - parameter.length() - FIRST_LAYER.length();
            if (end >= 0 && name.endsWith(parameter) && name.startsWith(FIRST_LAYER, end)
                    && (end == 0 || name.charAt(end - 1) == '.')) {
                return name.substring(0, end);
            }
        }
        return null;
    }

    /**
     * Finds the one generator.
     *
     * @throws IOException if there is none, several, or another kind of model; says what there is instead
     */
    static GeneratorSearch only(Map<?, ?> checkpoint) throws IOException {
        GeneratorSearch search = of(checkpoint);
        String foreign = ForeignModel.of(checkpoint);
        if (foreign != null) {
            throw new IOException("the checkpoint is of " + foreign + ", expected a HiFi-GAN generator");
        }
        if (search.found.isEmpty()) {
            throw new IOException("the checkpoint" + lacks(checkpoint));
        }
        if (search.chosen() == null) {
            throw new IOException("the checkpoint holds several generators, " + search.places() + ", expected one: "
                    + SAVE);
        }
        return search;
    }

    private static String lacks(Map<?, ?> checkpoint) {
        if (checkpoint.containsKey("optim_g") && !checkpoint.containsKey(OFFICIAL)) {
            return contents(checkpoint) + ", expected 'generator': this is the do_ file of discriminators and optimisers, "
                    + "the weights are in the g_ file beside it";
        }
        return checkpoint.get(OFFICIAL) instanceof Map<?, ?> official
                ? "'s 'generator'" + contents(official) + ", expected the 'conv_pre' of a HiFi-GAN generator: " + SAVE
                : checkpoint.containsKey(OFFICIAL)
                ? "'s 'generator' is not a dict, expected one with a 'conv_pre': " + SAVE
                : contents(checkpoint) + ", expected 'generator' or any dict with a 'conv_pre': " + SAVE;
    }

    private static String contents(Map<?, ?> map) {
        return map.isEmpty() ? " is empty" : map.keySet().stream().limit(KEYS_SHOWN).map(String::valueOf)
                .map(InputFile::quote)
                .collect(Collectors.joining(", ", " holds ", map.size() > KEYS_SHOWN ? ", …" : ""));
    }
}
