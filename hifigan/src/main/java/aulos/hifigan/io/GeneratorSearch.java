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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Finds a generator's state dict in whatever a training program wrapped around it. It is the one dict with a
 * {@code conv_pre}, and what stands before that stands before all its names.
 */
final class GeneratorSearch {
    /** Where the official code puts it. */
    private static final String OFFICIAL = "generator";
    private static final Pattern FIRST_LAYER = Pattern.compile(
            "(?<prefix>(?:[^.]+\\.){0,16})conv_pre\\.(?:bias|weight(?:_g|_v)?|parametrizations\\.weight\\.original[01])");
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

    private GeneratorSearch() {}

    /** Every generator that is there, up to a few. */
    static List<Found> all(Map<?, ?> checkpoint) {
        GeneratorSearch search = new GeneratorSearch();
        if (checkpoint.get(OFFICIAL) instanceof Map<?, ?> official) {
            search.search(List.of(OFFICIAL), official);
        }
        if (search.found.isEmpty()) {
            search.search(List.of(), checkpoint);
        }
        return search.found;
    }

    private void search(List<String> path, Map<?, ?> dict) {
        if (path.size() > MAX_DEPTH || found.size() >= MAX_FOUND || !entered.add(dict)) {
            return;
        }
        Set<String> prefixes = new LinkedHashSet<>();
        for (Object key : dict.keySet()) {
            Matcher matcher = FIRST_LAYER.matcher(String.valueOf(key));
            if (prefixes.size() < MAX_FOUND && matcher.matches()) {
                prefixes.add(matcher.group("prefix"));
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

    /**
     * The entries of the one generator.
     *
     * @throws IOException if there is none, several, or another kind of model; says what there is instead
     */
    static Map<Object, Object> only(Map<?, ?> checkpoint) throws IOException {
        List<Found> all = all(checkpoint);
        String foreign = ForeignModel.of(checkpoint);
        if (foreign != null) {
            throw new IOException("the checkpoint is of " + foreign + ", expected a HiFi-GAN generator");
        }
        if (all.size() > 1) {
            throw new IOException("the checkpoint holds several generators, "
                    + all.stream().map(each -> InputFile.quote(each.place())).collect(Collectors.joining(", "))
                    + ", expected one: save it alone, torch.save({'generator': state_dict}, 'g_00000000')");
        }
        if (all.isEmpty()) {
            throw new IOException("the checkpoint " + contents(checkpoint) + ", expected 'generator'"
                    + (checkpoint.containsKey("optim_g") ? ": this is the do_ file of discriminators and optimisers, "
                            + "the weights are in the g_ file beside it"
                            : " or any dict with a 'conv_pre': save the generator alone, "
                            + "torch.save({'generator': state_dict}, 'g_00000000')"));
        }
        return all.getFirst().entries();
    }

    private static String contents(Map<?, ?> map) {
        return map.isEmpty() ? "is empty" : map.keySet().stream().limit(KEYS_SHOWN).map(String::valueOf)
                .map(InputFile::quote).collect(Collectors.joining(", ", "holds ", map.size() > KEYS_SHOWN ? ", …" : ""));
    }
}
