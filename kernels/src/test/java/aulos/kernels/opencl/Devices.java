// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import aulos.engine.TestDevice;

/** The OpenCL device that tests run on. */
final class Devices {
    private Devices() {}

    /** The first device; without one the calling test is skipped as {@link TestDevice} says. */
    static OpenClBackend open() {
        return (OpenClBackend) TestDevice.open("opencl");
    }

    /** What the first device's driver says about it, likewise. */
    static DeviceInfo first() {
        open().close();
        return DeviceInfo.all().getFirst();
    }
}
