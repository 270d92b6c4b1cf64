// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aulos.kernels.SizeClass;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class BufferPoolTest {
    private final BufferPool pool = new BufferPool(1 << 20);

    @Test
    void reusesWhatWasGivenBack() {
        CpuBuffer first = pool.take(1000);
        pool.keepDerived(first, "packed", pool.take(30));
        assertThat(pool.liveBuffers()).isEqualTo(2);
        float[] values = first.values;
        pool.give(first);
        assertThat(pool.liveBuffers()).as("what was derived goes with it").isZero();
        CpuBuffer second = pool.take(990);
        assertThat(second.values).isSameAs(values);
        assertThat(second.length()).isEqualTo(990);
        assertThat(second.derived("packed")).isNull();
        assertThat(pool.take(1000).values).isNotSameAs(values);
    }

    @Test
    void countsWhatIsLiveAndWhatWaits() {
        CpuBuffer a = pool.take(1024);
        CpuBuffer b = pool.take(64);
        assertThat(pool.liveBuffers()).isEqualTo(2);
        assertThat(pool.liveBytes()).isEqualTo(4 * (1024 + 64));
        pool.give(a);
        assertThat(pool.liveBytes()).isEqualTo(4 * 64);
        assertThat(pool.pooledBytes()).isEqualTo(4 * 1024);
        pool.give(b);
        pool.trim();
        assertThat(pool.liveBuffers()).isZero();
        assertThat(pool.pooledBytes()).isZero();
    }

    @Test
    void forgetsTheSizesLongestOutOfUseBeyondItsCap() {
        CpuBuffer old = pool.take(100_000);
        CpuBuffer recent = pool.take(200_000);
        float[] oldValues = old.values;
        float[] recentValues = recent.values;
        pool.give(old);
        pool.give(recent);
        assertThat(pool.pooledBytes()).isEqualTo(4L * recentValues.length).isLessThan(1 << 20);
        assertThat(pool.take(200_000).values).isSameAs(recentValues);
        assertThat(pool.take(100_000).values).isNotSameAs(oldValues);
    }

    @Test
    void refusesToFreeTwice() {
        CpuBuffer buffer = pool.take(7);
        pool.give(buffer);
        assertThatThrownBy(() -> pool.give(buffer)).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("the buffer of 7 floats is not live");
    }

    @Test
    void saysHowMuchDidNotFit() {
        pool.give(pool.take(1000));
        assertThatThrownBy(() -> pool.take(Integer.MAX_VALUE)).isInstanceOf(OutOfMemoryError.class)
                .hasMessageContaining("no room for a buffer of 2147483647 floats (8191 MiB)");
        assertThat(pool.pooledBytes()).as("what waited was given up first").isZero();
    }

    @Property
    void wastesLessThanAnEighth(@ForAll @IntRange(min = 1) int length) {
        int size = SizeClass.of(length);
        assertThat(size).isGreaterThanOrEqualTo(length);
        assertThat((long) size - length).isLessThan(Math.max(16, (length + 7L) / 8));
    }
}
