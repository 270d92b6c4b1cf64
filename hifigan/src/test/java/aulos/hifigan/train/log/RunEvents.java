// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train.log;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The events of all files of a run, as TensorBoard shows them: from a restart on, those of later steps are void. */
public final class RunEvents {
    private record Shown(long step, String what) {}

    private RunEvents() {}

    /** Step, tag and the value of scalars, one a line. */
    public static List<String> shown(Path logs) throws IOException {
        List<Shown> events = new ArrayList<>();
        try (Stream<Path> files = Files.list(logs)) {
            for (Path file : files.sorted().toList()) {
                for (EventFile.Message event : EventFile.read(file)) {
                    add(events, event);
                }
            }
        }
        return events.stream().map(event -> event.step + " " + event.what).sorted().toList();
    }

    private static void add(List<Shown> events, EventFile.Message event) {
        long step = event.fields().containsKey(2) ? event.integer(2) : 0;
        if (event.fields().containsKey(7) && event.message(7).integer(1) == 1) {
            events.removeIf(earlier -> earlier.step >= step);
        }
        if (event.fields().containsKey(5)) {
            EventFile.Message value = event.message(5).message(1);
            events.add(new Shown(step, value.text(1)
                    + (value.fields().containsKey(2) ? " " + value.float32(2) : "")));
        }
    }
}
