// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DevicePoolTest {
    @TempDir
    private Path folder;

    @Test
    void memoryIsReusedAndCounted() {
        try (Queue queue = Devices.queue(folder)) {
            DevicePool pool = new DevicePool(queue);
            OpenClBuffer first = pool.take(1000);
            assertThat(pool.liveBytes()).isBetween(4000L, 4500L);
            pool.give(first);
            assertThat(pool.pooledBytes()).isBetween(4000L, 4500L);
            OpenClBuffer second = pool.take(999);
            assertThat(second.memory).isSameAs(first.memory);
            assertThat(second.length()).isEqualTo(999);
            assertThat(pool.pooledBytes()).isZero();
            assertThat(pool.liveBuffers()).isOne();
            pool.clear();
            assertThat(pool.liveBuffers()).isZero();
        }
    }

    @Test
    void whatWaitsIsLetGoBeforeTheDeviceIsFull() {
        DeviceInfo small = Devices.with(Devices.info(), "", 1 << 20);
        try (Queue queue = new Queue(small, new ProgramFiles(folder))) {
            DevicePool pool = new DevicePool(queue);
            OpenClBuffer live = pool.take(10_000);
            pool.give(pool.take(150_000));
            assertThat(pool.pooledBytes()).isPositive();
            pool.take(140_000);
            assertThat(pool.pooledBytes()).isZero();
            assertThat(live.length()).isEqualTo(10_000);
            pool.clear();
        }
    }
}
