// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import java.io.IOException;
import java.nio.file.Path;

/** {@link ClipList} for fuzzing. */
public final class FuzzedList {
    private FuzzedList() {}

    /** Reads a list whose clips are beside it. */
    public static Object read(Path list) throws IOException {
        return ClipList.read(list, list.resolveSibling("wavs"), list.resolveSibling("mels"));
    }
}
