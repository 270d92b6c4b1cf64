// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu;

import aulos.engine.Backend;
import aulos.engine.BackendProvider;
import aulos.kernels.cpu.run.Simd;
import java.util.List;

/**
 * Offers the processor under {@code --device cpu}; {@code -Daulos.cpu.threads=N} limits its threads, {@code
 * -Daulos.cpu.exact=true} is {@code --exact} for all, {@code -Daulos.cpu.placed=false} leaves it to the system on which cores
 * they run.
 */
public final class CpuProvider implements BackendProvider {
    @Override
    public String name() {
        return "cpu";
    }

    @Override
    public int preference() {
        return 0;
    }

    @Override
    public List<String> devices() {
        String vectors = Simd.ENABLED ? Simd.WIDTH * Float.SIZE + "-bit vectors" : "plain loops";
        return List.of("float32, " + vectors + ", " + threads() + (threads() == 1 ? " thread" : " threads"));
    }

    @Override
    public Backend open(int index) {
        return open(index, false);
    }

    @Override
    public Backend open(int index, boolean exact) {
        return new CpuBackend(threads(), exact || Boolean.getBoolean("aulos.cpu.exact"));
    }

    @Override
    public Backend openOnOneThread() {
        return new CpuBackend(1);
    }

    @Override
    public void warmUp() {
        CpuBackend.warmUp();
    }

    private static int threads() {
        return Integer.getInteger("aulos.cpu.threads", Runtime.getRuntime().availableProcessors());
    }
}
