// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import aulos.engine.Backend;
import aulos.engine.BackendProvider;
import java.util.List;

/** Offers OpenCL devices under {@code --device opencl:n}: GPUs first, so that {@code opencl} alone is one if there is. */
public final class OpenClProvider implements BackendProvider {
    @Override
    public String name() {
        return "opencl";
    }

    /** Before the cpu backend if there is a GPU; never by itself if there is only the processor, which that uses better. */
    @Override
    public int preference() {
        try {
            return DeviceInfo.all().getFirst().isCpu() ? -1 : 10;
        } catch (IllegalStateException absent) {
            return -1;
        }
    }

    @Override
    public List<String> devices() {
        return DeviceInfo.all().stream().map(DeviceInfo::toString).toList();
    }

    @Override
    public Backend open(int index) {
        return new OpenClBackend(index, DeviceInfo.all().get(index));
    }
}
