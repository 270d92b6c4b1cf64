// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import org.opentest4j.TestAbortedException;

/**
 * Opens the devices that tests run on. Every machine has {@code reference} and {@code cpu}; where there is no OpenCL
 * device its tests are skipped with one loud line, but fail where the environment variable CI is set.
 */
public final class TestDevice {
    private static boolean said;

    private TestDevice() {}

    /** As {@link Backends#open}, or the calling test is skipped. */
    public static synchronized Backend open(String device) {
        try {
            return Backends.open(device);
        } catch (IllegalStateException absent) {
            if (System.getenv("CI") != null || !device.startsWith("opencl")) {
                throw new AssertionError("tests on " + device + " cannot run: " + absent.getMessage(), absent);
            }
            if (!said) {
                said = true;
                System.err.println("### SKIPPED, ALL TESTS ON OPENCL: " + absent.getMessage());
            }
            throw new TestAbortedException(absent.getMessage(), absent);
        }
    }
}
