// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.testing;

import aulos.engine.NdArray;
import aulos.engine.Shape;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Assumptions;

/** The golden files beside the project; a test that needs them is skipped, loudly, where they are not. */
public final class Golden {
    private static final Path ROOT = Path.of("../../shared/golden");

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

    /** The float32 arrays of a folder's {@code values.safetensors}. */
    public static Map<String, NdArray> values(String name) throws IOException {
        ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(folder(name).resolve("values.safetensors")));
        file.order(ByteOrder.LITTLE_ENDIAN);
        byte[] header = new byte[Math.toIntExact(file.getLong())];
        file.get(header);
        ByteBuffer data = file.slice().order(ByteOrder.LITTLE_ENDIAN);
        Map<String, NdArray> values = new LinkedHashMap<>();
        JsonObject entries = JsonParser.parseString(new String(header, StandardCharsets.UTF_8)).getAsJsonObject();
        entries.asMap().forEach((key, entry) -> values.put(key, array(entry.getAsJsonObject(), data)));
        return values;
    }

    /** The folder's {@code facts.json}. */
    public static JsonObject facts(String name) throws IOException {
        return JsonParser.parseString(Files.readString(folder(name).resolve("facts.json"))).getAsJsonObject();
    }

    private static NdArray array(JsonObject entry, ByteBuffer data) {
        Shape shape = Shape.of(StreamSupport.stream(entry.getAsJsonArray("shape").spliterator(), false)
                .mapToInt(JsonElement::getAsInt).toArray());
        float[] values = new float[shape.size()];
        int offset = entry.getAsJsonArray("data_offsets").get(0).getAsInt();
        FloatBuffer floats = data.slice(offset, values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer();
        floats.get(values);
        return NdArray.of(shape, values);
    }
}
