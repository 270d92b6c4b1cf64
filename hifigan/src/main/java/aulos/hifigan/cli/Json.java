// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import com.google.gson.FieldNamingPolicy;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;

/** What {@code --json} prints: one object per line, keys in snake case. */
final class Json {
    private static final Gson GSON = new GsonBuilder().setFieldNamingPolicy(FieldNamingPolicy.LOWER_CASE_WITH_UNDERSCORES)
            .disableHtmlEscaping().create();

    private Json() {}

    /** A record as one line; a component that is null is left out. */
    static String line(Record value) {
        return GSON.toJson(value);
    }
}
