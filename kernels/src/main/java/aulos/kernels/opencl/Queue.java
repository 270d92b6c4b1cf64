// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import java.util.Arrays;
import org.jocl.CL;
import org.jocl.Pointer;
import org.jocl.cl_command_queue;
import org.jocl.cl_context;
import org.jocl.cl_context_properties;
import org.jocl.cl_device_id;
import org.jocl.cl_mem;

/**
 * One device's context and in-order queue: what is started runs after everything that was started before, so nothing
 * else has to be waited for. Reading and large writes wait; kernels and fills do not.
 */
final class Queue implements AutoCloseable {
    /** Work-items in a group for kernels of one dimension without demands of their own. */
    static final int GROUP = 64;

    /** Memory shared by a work-group, as a kernel's argument. */
    record Local(long bytes) {}

    private final DeviceInfo device;
    private final cl_context context;
    private final cl_command_queue queue;
    private final Programs programs;
    private final Launches launches;
    private long uploads;
    private long downloads;

    @SuppressWarnings("deprecation") // what OpenCL 2.0 has in its place, 1.2 lacks
    Queue(DeviceInfo device, ProgramFiles files) {
        this.device = device;
        cl_device_id[] devices = {device.id()};
        context = Cl.make("clCreateContext",
                code -> CL.clCreateContext(new cl_context_properties(), 1, devices, null, null, code), device.name());
        try {
            queue = Cl.make("clCreateCommandQueue",
                    code -> CL.clCreateCommandQueue(context, device.id(), 0, code), device.name());
        } catch (OpenClException e) {
            Cl.run("clReleaseContext", () -> CL.clReleaseContext(context));
            throw e;
        }
        programs = new Programs(context, device, files);
        launches = new Launches(queue, programs);
    }

    DeviceInfo device() {
        return device;
    }

    /** How many arrays went from the host to the device; constants that are filled in there do not count. */
    long uploads() {
        return uploads;
    }

    /** How many arrays went from the device to the host. */
    long downloads() {
        return downloads;
    }

    /** Device memory, really there: some drivers reserve it at the first use only, so this is one. */
    cl_mem allocate(long bytes) {
        cl_mem memory = Cl.make("clCreateBuffer",
                code -> CL.clCreateBuffer(context, CL.CL_MEM_READ_WRITE, bytes, null, code), bytes + " bytes");
        try {
            fill(memory, 0, 1);
        } catch (OpenClException e) {
            release(memory);
            throw e;
        }
        return memory;
    }

    void release(cl_mem memory) {
        launches.forget();
        Cl.run("clReleaseMemObject", () -> CL.clReleaseMemObject(memory));
    }

    /** Sets the first {@code count} floats. */
    void fill(cl_mem memory, float value, int count) {
        Cl.run("clEnqueueFillBuffer", () -> CL.clEnqueueFillBuffer(queue, memory, Pointer.to(new float[] {value}),
                Float.BYTES, 0, (long) Float.BYTES * count, 0, null, null), value, count + " floats");
    }

    /** Writes a few floats without waiting, as copying does: 1, 2, 4, … or 32 of them. */
    void fill(cl_mem memory, float[] values) {
        long bytes = (long) Float.BYTES * values.length;
        Cl.run("clEnqueueFillBuffer", () -> CL.clEnqueueFillBuffer(queue, memory, Pointer.to(values), bytes, 0, bytes, 0,
                null, null), bytes + " bytes");
    }

    /** Copies an array's first {@code bytes} to the device and waits for it. */
    void write(cl_mem memory, Pointer source, long bytes) {
        uploads++;
        Cl.run("clEnqueueWriteBuffer",
                () -> CL.clEnqueueWriteBuffer(queue, memory, true, 0, bytes, source, 0, null, null), bytes + " bytes");
    }

    /** Waits for all work and copies the first floats to the host. */
    void read(cl_mem memory, float[] target) {
        downloads++;
        long bytes = (long) Float.BYTES * target.length;
        Cl.run("clEnqueueReadBuffer", () -> CL.clEnqueueReadBuffer(queue, memory, true, 0, bytes, Pointer.to(target), 0,
                null, null), bytes + " bytes");
    }

    /** Starts a kernel of one dimension on at least {@code items} work-items, in groups of {@link #GROUP}. */
    void launch(String file, String kernel, long items, Object... arguments) {
        launch(file, "", kernel, items, arguments);
    }

    /** The same under compiler options. */
    void launch(String file, String options, String kernel, long items, Object... arguments) {
        launch(file, options, kernel, new long[] {Math.ceilDiv(items, GROUP) * GROUP}, new long[] {GROUP}, arguments);
    }

    /**
     * Starts a kernel.
     *
     * @param options of the compiler
     * @param global how many work-items along each dimension, a multiple of {@code local}
     * @param arguments {@code cl_mem}, {@code Integer}, {@code Float}, {@code int[]} (a vector type) or {@link Local}
     */
    void launch(String file, String options, String kernel, long[] global, long[] local, Object... arguments) {
        launches.start(file, options, kernel, global, local, arguments);
    }

    /** Begins to compile a program that will be needed. */
    void compile(String file, String options) {
        programs.compile(file, options);
    }

    /** How many kernels have been started so far. */
    long launches() {
        return launches.started();
    }

    /** How many arguments of kernels have been set so far. */
    long argumentsSet() {
        return launches.argumentsSet();
    }

    /** Waits until everything that was started is done. */
    void finish() {
        Cl.run("clFinish", () -> CL.clFinish(queue), device.name());
    }

    /** The rest is released even if one call fails, which after a lost device all may. */
    @Override
    public void close() {
        OpenClException first = null;
        for (Runnable release : Arrays.<Runnable>asList(launches::close, programs::close,
                () -> Cl.run("clReleaseCommandQueue", () -> CL.clReleaseCommandQueue(queue), device.name()),
                () -> Cl.run("clReleaseContext", () -> CL.clReleaseContext(context), device.name()))) {
            try {
                release.run();
            } catch (OpenClException e) {
                first = first == null ? e : first;
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
