// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.BitSet;
import java.util.concurrent.SynchronousQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class AffinityTest {
    @Test
    void aThreadIsKeptOffACore() throws InterruptedException {
        assumeTrue(Affinity.class.getModule().isNativeAccessEnabled(), "native access is not enabled in this set-up");
        assumeTrue(Runtime.getRuntime().availableProcessors() > 1, "one processor");
        Affinity affinity = Affinity.ofLinux();
        assertThat(affinity).isNotNull();
        SynchronousQueue<Integer> ids = new SynchronousQueue<>();
        SynchronousQueue<BitSet> seen = new SynchronousQueue<>();
        SynchronousQueue<Boolean> turns = new SynchronousQueue<>();
        Thread thread = new Thread(() -> {
            try {
                ids.put(affinity.thread());
                while (turns.take()) {
                    BitSet cores = new BitSet();
                    for (long end = System.nanoTime() + 20_000_000; System.nanoTime() < end;) {
                        cores.set(affinity.core());
                        Thread.yield();
                    }
                    seen.put(cores);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        thread.start();
        int id = ids.take();
        for (int i = 0; i < 4; i++) {
            int mine = affinity.core();
            affinity.keepOff(id, mine);
            turns.put(true);
            assertThat(seen.take().get(mine)).as("ran on core " + mine).isFalse();
        }
        turns.put(false);
        thread.join();
    }
}
