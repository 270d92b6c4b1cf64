// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What the tuner found to be fastest, layer by layer: shipped with the program for some devices, and in the user's cache
 * folder for the others. Of a layer that was measured at other lengths the nearest counts.
 */
final class ConvTuning {
    /** No tuning takes more. */
    private static final long LIMIT = 4L << 20;

    /** One measured layer, as {@link ConvProblem} describes it. */
    record Entry(String layer, int length, ConvPlan plan) {
        private boolean isOf(Entry other) {
            return layer.equals(other.layer) && length == other.length;
        }
    }

    /** The file. */
    private record Document(String device, String driver, List<Entry> entries) {}

    /** A table that is shipped for an NVIDIA GPU, for all that are nearer to it than to another. */
    private record Shipped(String file, int computeCapability, int computeUnits) {
        private double distance(DeviceInfo device) {
            return Math.abs(device.computeCapability() - computeCapability)
                    + Math.abs(Math.log((double) device.computeUnits() / computeUnits));
        }
    }

    private static final List<Shipped> NVIDIA = List.of(new Shipped("conv_tuning_h200.json", 90, 132));

    private static final Gson GSON = new GsonBuilder().registerTypeAdapter(ConvTile.class, new ConvTile.Adapter())
            .setPrettyPrinting().create();

    private final Map<String, List<Entry>> layers = new LinkedHashMap<>();

    ConvTuning(List<Entry> entries) {
        for (Entry entry : entries) {
            layers.computeIfAbsent(entry.layer, layer -> new ArrayList<>()).add(entry);
        }
    }

    /**
     * What the tuner left in this device's file, else what is shipped for its kind, else nothing.
     *
     * @throws IllegalStateException if there is a file that the tuner did not write
     */
    static ConvTuning of(DeviceInfo device) {
        Path file = file(device);
        try {
            long size = Files.size(file);
            if (size > LIMIT) {
                throw broken(file.toString(), "has " + size + " bytes, expected at most " + LIMIT, null);
            }
            return parse(Files.readString(file), file.toString());
        } catch (NoSuchFileException untuned) {
            return shipped(device);
        } catch (IOException e) {
            throw broken(file.toString(), "cannot be read: " + e, e);
        }
    }

    private static ConvTuning shipped(DeviceInfo device) {
        String name;
        if (device.isCpu()) {
            name = "conv_tuning_cpu.json";
        } else if (device.computeCapability() > 0) {
            name = NVIDIA.stream().min(Comparator.comparingDouble(table -> table.distance(device))).orElseThrow().file;
        } else {
            return new ConvTuning(List.of());
        }
        try (InputStream in = ConvTuning.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("opencl: " + name + " is missing in the program");
            }
            return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8), name);
        } catch (IOException e) {
            throw broken(name, "cannot be read: " + e, e);
        }
    }

    /** @param from where the text is from, for the message */
    static ConvTuning parse(String text, String from) {
        try {
            Document document = GSON.fromJson(text, Document.class);
            document.entries.forEach(entry -> Objects.requireNonNull(entry.plan.tile(), entry.layer));
            return new ConvTuning(document.entries);
        } catch (RuntimeException e) { // the parser wraps what our constructors throw
            Throwable cause = e;
            while (cause.getCause() != null) {
                cause = cause.getCause();
            }
            throw broken(from, "is not what the tuner writes: " + cause.getMessage(), e);
        }
    }

    private static IllegalStateException broken(String file, String what, Exception cause) {
        return new IllegalStateException("opencl: the tuning " + file + " " + what
                + "; delete it or run 'aulos bench tune' again", cause);
    }

    /** The plan for the nearest length at which this layer was measured, if it was. */
    Optional<ConvPlan> plan(ConvProblem problem) {
        return layers.getOrDefault(problem.layer(), List.of()).stream()
                .min(Comparator.comparingDouble(entry -> Math.abs(Math.log((double) entry.length / problem.length()))))
                .map(Entry::plan);
    }

    /** Adds to this device's file, or replaces what was measured before; returns the file. */
    static Path write(DeviceInfo device, List<Entry> measured) throws IOException {
        Path file = file(device);
        List<Entry> entries = new ArrayList<>(measured);
        of(device).layers.values().stream().flatMap(List::stream)
                .filter(old -> measured.stream().noneMatch(entry -> entry.isOf(old))).forEach(entries::add);
        String text = GSON
                .toJson(new Document(device.name(), device.driver(), entries)) + "\n";
        Files.createDirectories(file.getParent());
        Path temporary = Files.createTempFile(file.getParent(), "tuning", ".tmp");
        try {
            Files.writeString(temporary, text);
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
        return file;
    }

    private static Path file(DeviceInfo device) {
        String key = ProgramFiles.key(device.name(), device.vendor(), device.platform(), device.driver());
        return ProgramFiles.usualFolder().resolve("conv_tuning_" + key.substring(0, 16) + ".json");
    }
}
