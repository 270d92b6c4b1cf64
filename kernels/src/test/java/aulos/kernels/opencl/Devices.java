// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import aulos.engine.TestDevice;
import java.nio.file.Path;

/** The OpenCL device that tests run on. */
final class Devices {
    private Devices() {}

    /** The first device; without one the calling test is skipped as {@link TestDevice} says. */
    static OpenClBackend open() {
        return (OpenClBackend) TestDevice.open("opencl");
    }

    /** What the first device's driver says about it, likewise. */
    static DeviceInfo info() {
        open().close();
        return DeviceInfo.all().getFirst();
    }

    /** A queue on the first device that keeps programs in a folder of the test's own, likewise. */
    static Queue queue(Path programs) {
        return new Queue(info(), new ProgramFiles(programs));
    }

    /** As if the driver had said otherwise. */
    static DeviceInfo with(DeviceInfo d, String extensions, long memory) {
        return new DeviceInfo(d.id(), d.name(), d.vendor(), d.platform(), d.driver(), extensions, d.type(), memory,
                d.maxAllocation(), d.computeUnits(), d.localMemory(), d.maxGroupSize(), d.megahertz(),
                d.computeCapability());
    }
}
