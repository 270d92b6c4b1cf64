// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aulos.engine.io.Safetensors;
import aulos.engine.nn.Linear;
import aulos.engine.nn.Weights;
import aulos.engine.reference.ReferenceBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SaveTest {
    @TempDir
    private Path folder;

    @Test
    void whatIsSavedIsLoaded() throws IOException {
        Path file = folder.resolve("x.safetensors");
        try (Backend backend = new ReferenceBackend(); Scope scope = Scope.open()) {
            Map<String, Tensor> saved = new LinkedHashMap<>();
            saved.put("w", Tensor.of(backend, Shape.of(2, 1, 1, 1, 1, 2), Math.PI, -0.0, Double.NaN, 1e-300));
            saved.put("layer.b", Tensor.full(backend, Shape.SCALAR, 3));
            Tensor.save(file, saved);
            Map<String, Tensor> loaded = Tensor.load(backend, file);
            assertThat(loaded.keySet()).containsExactly("w", "layer.b");
            loaded.forEach((name, tensor) -> {
                assertThat(tensor.name()).isEqualTo(name);
                assertThat(tensor.shape()).isEqualTo(saved.get(name).shape());
                assertThat(tensor.toArray().doubles()).containsExactly(saved.get(name).toArray().doubles());
            });
            try (Tape tape = Tape.open()) {
                Tensor b = loaded.get("layer.b");
                assertThat(tape.gradients(b.square(), List.of(b)).of(b).item()).isEqualTo(6);
            }
        }
    }

    @Test
    void aLayerIsBuiltFromTheFileOfAnother() throws IOException {
        Path file = folder.resolve("linear.safetensors");
        try (Backend backend = new ReferenceBackend(); Scope scope = Scope.open()) {
            Linear drawn = new Linear(Weights.random(backend, scope, 7), 3, 2);
            Safetensors.write(file, drawn.stateDict(), Map.of());
            Linear read = new Linear(Weights.of(backend, scope, Safetensors.read(file)), 3, 2);
            Tensor x = Tensor.of(backend, Shape.of(1, 3), 1, 2, 3);
            assertThat(read.forward(x).toArray().doubles()).containsExactly(drawn.forward(x).toArray().doubles());
        }
    }

    @Test
    void afterAFailureTheFileIsAsItWas() throws IOException {
        Path file = Files.writeString(folder.resolve("x"), "old");
        try (Backend backend = new ReferenceBackend(); Scope scope = Scope.open()) {
            Tensor x = Tensor.full(backend, Shape.SCALAR, 3);
            assertThatThrownBy(() -> Tensor.save(file, Map.of("__metadata__", x)))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> Tensor.load(backend, file)).isInstanceOf(IOException.class)
                    .hasMessageStartingWith(file + ": ");
        }
        assertThat(file).hasContent("old");
        assertThat(folder.toFile().list()).containsExactly("x");
    }
}
