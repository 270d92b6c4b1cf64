// SPDX-License-Identifier: Apache-2.0
package aulos.engine.study;

import aulos.engine.io.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a page's script reads: JSON, in which no text can end the script element that it stands in. */
final class PageData {
    /** Texts that come again and again, by number. */
    private final Map<String, Integer> texts = new LinkedHashMap<>();

    private PageData() {}

    static String json(List<TapePage.Entry> nodes, List<TapePage.Entry> leaves, List<TapePage.Step> steps, boolean freed) {
        PageData data = new PageData();
        String lists = "\"nodes\":" + data.entries(nodes) + ",\n\"leaves\":" + data.entries(leaves);
        StringBuilder walk = new StringBuilder("[");
        for (TapePage.Step step : steps) {
            walk.append(walk.length() == 1 ? "" : ",").append(step.node()).append(',').append(step.input()).append(',')
                    .append(step.gradients());
        }
        StringBuilder names = new StringBuilder("[");
        data.texts.keySet().forEach(text -> names.append(names.length() == 1 ? "" : ",").append(Json.quote(text)));
        return "{\"texts\":" + names + "],\n" + lists + ",\n\"steps\":" + walk + "],\n\"freed\":" + freed + "}";
    }

    private String entries(List<TapePage.Entry> entries) {
        StringBuilder text = new StringBuilder("[");
        for (TapePage.Entry entry : entries) {
            text.append(text.length() == 1 ? "\n" : ",\n").append('[').append(number(entry.op)).append(',')
                    .append(number(entry.parameters)).append(',').append(number(entry.label)).append(',')
                    .append(number(entry.shape)).append(',').append(entry.bytes).append(',').append(entry.held).append(',')
                    .append(entry.forward / 1000).append(',').append(entry.backward / 1000).append(',')
                    .append(entry.inputs).append(',').append(entry.keeps).append(',').append(entry.value.json()).append(',')
                    .append(entry.gradient == null ? "0" : entry.gradient.json()).append(']');
        }
        return text.append(']').toString();
    }

    private int number(String text) {
        return texts.computeIfAbsent(text, unseen -> texts.size());
    }
}
