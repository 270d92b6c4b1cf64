// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.serve;

import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;

/** The files of the web page. There are these, by exact path, and no others. */
final class Pages {
    /** A file to send. */
    @SuppressWarnings("ArrayRecordComponent")
    record Page(String type, byte[] content) {}

    private Pages() {}

    /** By the path at which each is asked for. */
    static Map<String, Page> load() throws IOException {
        Map<String, Page> pages = new LinkedHashMap<>();
        pages.put("/", page("text/html; charset=utf-8", "serve/index.html"));
        pages.put("/style.css", page("text/css; charset=utf-8", "serve/style.css"));
        for (String script : new String[] {"app.js", "sound.js", "picture.js"}) {
            pages.put("/" + script, page("text/javascript; charset=utf-8", "serve/" + script));
        }
        pages.put("/icon.svg", page("image/svg+xml", "serve/icon.svg"));
        pages.put("/example.flac", page("audio/flac", "demo/clip.flac"));
        return pages;
    }

    private static Page page(String type, String name) throws IOException {
        try (InputStream in = Pages.class.getResourceAsStream("/aulos/" + name)) {
            if (in == null) {
                throw new IOException("this build has no resource /aulos/" + name);
            }
            return new Page(type, in.readAllBytes());
        }
    }
}
