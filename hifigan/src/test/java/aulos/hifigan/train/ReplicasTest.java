// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import aulos.engine.Backend;
import aulos.engine.NdArray;
import aulos.engine.Scope;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import aulos.engine.TestDevice;
import aulos.engine.reference.ReferenceBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two devices that share each batch; here two contexts on one, which nothing can tell from two devices. */
class ReplicasTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "opencl"})
    void twoDevicesLearnWhatOneDoes(String device) throws IOException {
        TinyRun run = new TinyRun(folder, 6);
        for (String out : List.of("two", "again")) {
            try (Backend first = TestDevice.open(device); Backend second = TestDevice.open(device)) {
                TinyRun.train(run.config(), options(run, out), first, second);
            }
        }
        try (Backend alone = TestDevice.open(device)) {
            TinyRun.train(run.config(), options(run, "one"), alone);
        }
        for (String file : List.of("losses.csv", "g_00000003", "do_00000003")) {
            assertThat(Files.mismatch(folder.resolve("two").resolve(file), folder.resolve("again").resolve(file)))
                    .as("the same bits twice: " + file).isEqualTo(-1);
        }
        List<History.Row> two = losses("two");
        List<History.Row> one = losses("one");
        assertThat(two).hasSameSizeAs(one).hasSize(4);
        for (int i = 0; i < one.size(); i++) {
            close("generator", i, two.get(i).generator(), one.get(i).generator());
            close("discriminators", i, two.get(i).discriminators(), one.get(i).discriminators());
            close("mel error", i, two.get(i).melError(), one.get(i).melError());
        }
    }

    /** Batches of 2, two of which make a step, the first of which knows no discriminators. */
    private TrainingOptions options(TinyRun run, String out) {
        TrainingOptions plain = run.options(folder.resolve(out), 4);
        return new TrainingOptions(plain.data(), plain.out(), null, 4, 1000, plain.intervals(), 100, 8, 1, 2, 5, 0, 0, 1);
    }

    private List<History.Row> losses(String out) throws IOException {
        return new History(folder.resolve(out), Long.MAX_VALUE).rows().stream()
                .filter(row -> Double.isFinite(row.generator())).toList();
    }

    private static void close(String what, int step, double actual, double expected) {
        assertThat(actual).as(what + " of step " + step).isCloseTo(expected, within(1e-5 * expected));
    }

    @Test
    void refusesABatchThatDoesNotDivide() throws IOException {
        TinyRun run = new TinyRun(folder, 6);
        try (Backend backend = new ReferenceBackend()) {
            assertThatThrownBy(() -> new Trainer(run.config(), run.options(folder.resolve("out"), 1),
                    List.of(backend, backend, backend), new TinyRun.Lines())).isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("batch_size is 2, expected a multiple of 3, the number of devices that share it");
        }
    }

    @Test
    void averagesInBothPrecisions() throws Exception {
        for (String device : List.of("reference", "cpu")) {
            HostExchange exchange = new HostExchange(2);
            CompletableFuture<NdArray> other = CompletableFuture.supplyAsync(() -> mean(exchange, 1, device, 5));
            assertThat(mean(exchange, 0, device, 1).doubles()).containsExactly(3, 3);
            assertThat(other.get().doubles()).containsExactly(3, 3);
        }
    }

    @Test
    void aFailedReplicaLetsTheOthersGo() {
        HostExchange exchange = new HostExchange(2);
        CompletableFuture<NdArray> waiting = CompletableFuture.supplyAsync(() -> mean(exchange, 1, "cpu", 5));
        exchange.abandon();
        assertThatThrownBy(waiting::get).hasCauseInstanceOf(HostExchange.Abandoned.class);
        assertThatThrownBy(() -> mean(exchange, 0, "cpu", 1)).isInstanceOf(HostExchange.Abandoned.class);
    }

    private static NdArray mean(HostExchange exchange, int replica, String device, double value) {
        try (Backend backend = TestDevice.open(device); Scope scope = Scope.open()) {
            return exchange.of(replica).mean(List.of(Tensor.full(backend, Shape.of(2), value))).getFirst().toArray();
        }
    }
}
