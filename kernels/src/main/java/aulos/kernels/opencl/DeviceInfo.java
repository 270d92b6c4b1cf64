// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Stream;
import org.jocl.CL;
import org.jocl.cl_device_id;
import org.jocl.cl_platform_id;

/**
 * A device and what its driver says about it.
 *
 * @param memory bytes
 * @param maxAllocation the largest single buffer, bytes
 * @param localMemory bytes shared by a work-group
 * @param megahertz the highest clock
 * @param computeCapability NVIDIA's, times ten: 90 for a Hopper; 0 for others' devices
 */
record DeviceInfo(cl_device_id id, String name, String vendor, String platform, String driver, String extensions,
        long type, long memory, long maxAllocation, int computeUnits, long localMemory, int maxGroupSize, int megahertz,
        int computeCapability) {
    /** The loader's answer if it knows no driver. */
    private static final int CL_PLATFORM_NOT_FOUND_KHR = -1001;

    /** The extension under which NVIDIA's devices tell more about themselves, and two of the things they tell. */
    private static final String NVIDIA = "cl_nv_device_attribute_query";

    /**
     * Every kind of device. {@code CL_DEVICE_TYPE_ALL} has 32 bits in OpenCL's headers; JOCL's is −1 as a long, which
     * Mesa's rusticl refuses.
     */
    private static final long ANY_TYPE = 0xFFFFFFFFL;

    /** Platforms of which it has been said that they fail. */
    private static final Set<String> SAID = new HashSet<>();

    private static final int COMPUTE_CAPABILITY_MAJOR = 0x4000;
    private static final int COMPUTE_CAPABILITY_MINOR = 0x4001;

    /**
     * Every device of every platform, GPUs and accelerators first, else in the order of the platforms. A platform that
     * answers with an error is left out, with one line on stderr, and does not take the others away.
     *
     * @throws IllegalStateException if there is no driver, or none with a device
     */
    static List<DeviceInfo> all() {
        Driver.require();
        List<DeviceInfo> devices = new ArrayList<>();
        List<String> platforms = new ArrayList<>();
        for (cl_platform_id platform : platforms()) {
            String name = "a platform without a name";
            try {
                name = Cl.text("clGetPlatformInfo", (size, value, returned) -> CL.clGetPlatformInfo(platform,
                        CL.CL_PLATFORM_NAME, size, value, returned), "CL_PLATFORM_NAME");
                devices.addAll(devicesOf(platform, name));
                platforms.add(name);
            } catch (OpenClException broken) {
                platforms.add(name + " (" + broken.getMessage() + ")");
                say(name, broken);
            }
        }
        if (platforms.isEmpty()) {
            throw new IllegalStateException("opencl: the OpenCL loader is installed but knows no driver (/etc/OpenCL/vendors"
                    + " is empty or names what is not there): install your device's driver or pocl-opencl-icd");
        }
        if (devices.isEmpty()) {
            throw new IllegalStateException("opencl: no device, only a driver without one: "
                    + String.join(", ", platforms));
        }
        devices.sort(Comparator.comparing(DeviceInfo::isCpu));
        return devices;
    }

    private static List<DeviceInfo> devicesOf(cl_platform_id platform, String name) {
        return Stream.of(devices(platform, name)).map(device -> of(device, name)).toList();
    }

    /** Once for each platform. */
    private static synchronized void say(String platform, OpenClException broken) {
        if (SAID.add(platform)) {
            System.err.println("aulos: warning: the OpenCL platform " + platform + " is left out: " + broken.getMessage());
        }
    }

    private static cl_platform_id[] platforms() {
        int[] count = new int[1];
        try {
            Cl.run("clGetPlatformIDs", () -> CL.clGetPlatformIDs(0, null, count));
        } catch (OpenClException e) {
            if (e.code() == CL_PLATFORM_NOT_FOUND_KHR) {
                return new cl_platform_id[0];
            }
            throw e;
        }
        cl_platform_id[] platforms = new cl_platform_id[count[0]];
        Cl.run("clGetPlatformIDs", () -> CL.clGetPlatformIDs(platforms.length, platforms, null), platforms.length);
        return platforms;
    }

    private static cl_device_id[] devices(cl_platform_id platform, String name) {
        int[] count = new int[1];
        try {
            Cl.run("clGetDeviceIDs", () -> CL.clGetDeviceIDs(platform, ANY_TYPE, 0, null, count), name);
        } catch (OpenClException e) {
            if (e.code() == CL.CL_DEVICE_NOT_FOUND) {
                return new cl_device_id[0];
            }
            throw e;
        }
        cl_device_id[] devices = new cl_device_id[count[0]];
        Cl.run("clGetDeviceIDs",
                () -> CL.clGetDeviceIDs(platform, ANY_TYPE, devices.length, devices, null), name);
        return devices;
    }

    private static DeviceInfo of(cl_device_id id, String platform) {
        String extensions = text(id, CL.CL_DEVICE_EXTENSIONS);
        int capability = !List.of(extensions.split(" ")).contains(NVIDIA) ? 0
                : Math.toIntExact(10 * number(id, COMPUTE_CAPABILITY_MAJOR) + number(id, COMPUTE_CAPABILITY_MINOR));
        return new DeviceInfo(id, text(id, CL.CL_DEVICE_NAME), text(id, CL.CL_DEVICE_VENDOR), platform,
                text(id, CL.CL_DRIVER_VERSION), extensions, number(id, CL.CL_DEVICE_TYPE),
                number(id, CL.CL_DEVICE_GLOBAL_MEM_SIZE), number(id, CL.CL_DEVICE_MAX_MEM_ALLOC_SIZE),
                Math.toIntExact(number(id, CL.CL_DEVICE_MAX_COMPUTE_UNITS)), number(id, CL.CL_DEVICE_LOCAL_MEM_SIZE),
                (int) Math.min(Integer.MAX_VALUE, number(id, CL.CL_DEVICE_MAX_WORK_GROUP_SIZE)),
                Math.toIntExact(number(id, CL.CL_DEVICE_MAX_CLOCK_FREQUENCY)), capability);
    }

    private static String text(cl_device_id id, int what) {
        return Cl.text("clGetDeviceInfo", (size, value, returned) -> CL.clGetDeviceInfo(id, what, size, value, returned),
                CL.stringFor_cl_device_info(what));
    }

    private static long number(cl_device_id id, int what) {
        return Cl.number("clGetDeviceInfo",
                (size, value, returned) -> CL.clGetDeviceInfo(id, what, size, value, returned),
                CL.stringFor_cl_device_info(what));
    }

    /** Whether this is the processor under another name, as PoCL's is. */
    boolean isCpu() {
        return (type & (CL.CL_DEVICE_TYPE_GPU | CL.CL_DEVICE_TYPE_ACCELERATOR)) == 0;
    }

    /**
     * Multiplications and additions in float32 per nanosecond at the highest clock; empty where the number of lanes is not
     * known. NVIDIA's compute units have 64 lanes in the generations 6.0, 7 and 8.0 and 128 in the others (CUDA C++
     * Programming Guide, arithmetic instructions).
     */
    OptionalDouble peakGigaflops() {
        if (computeCapability == 0) {
            return OptionalDouble.empty();
        }
        boolean narrow = computeCapability == 60 || computeCapability / 10 == 7 || computeCapability == 80;
        return OptionalDouble.of(2.0 * (narrow ? 64 : 128) * computeUnits * megahertz * 1e-3);
    }

    /** Bytes that all arguments of one kernel may have together. */
    long maxParameterBytes() {
        return number(id, CL.CL_DEVICE_MAX_PARAMETER_SIZE);
    }

    boolean hasExtension(String extension) {
        return List.of(extensions.split(" ")).contains(extension);
    }

    /** As in {@code NVIDIA H200 (NVIDIA CUDA), GPU, 139.8 GiB, 132 compute units, driver 570.86}. */
    @Override
    public String toString() {
        String kind = (type & CL.CL_DEVICE_TYPE_GPU) != 0 ? "GPU" : isCpu() ? "CPU" : "accelerator";
        return "%s (%s), %s, %.1f GiB, %d compute units, driver %s".formatted(name, platform, kind,
                memory / (double) (1 << 30), computeUnits, driver);
    }
}
