// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.testing;

import aulos.engine.NdArray;
import aulos.engine.io.Safetensors;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;

/** The golden files beside the project; a test that needs them is skipped, loudly, where they are not. */
public final class Golden {
    /** Where this does not run in the folder of its module, the property says where they are. */
    private static final Path ROOT = Path.of(System.getProperty("aulos.golden", "../../shared/golden"));

    private Golden() {}

    /** Skips the calling test if there are no golden files. */
    public static Path folder(String name) {
        Path folder = ROOT.resolve(name);
        if (!Files.isDirectory(folder)) {
            System.err.println("SKIPPED: no golden files in " + folder.toAbsolutePath().normalize());
        }
        Assumptions.assumeTrue(Files.isDirectory(folder), "no golden files");
        return folder;
    }

    /** The arrays of a folder's {@code values.safetensors}. */
    public static Map<String, NdArray> values(String name) throws IOException {
        return Safetensors.read(folder(name).resolve("values.safetensors"));
    }

    /** The folder's {@code facts.json}. */
    public static JsonObject facts(String name) throws IOException {
        return JsonParser.parseString(Files.readString(folder(name).resolve("facts.json"))).getAsJsonObject();
    }
}
