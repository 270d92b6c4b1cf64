// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jocl.CL;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_command_queue;
import org.jocl.cl_kernel;
import org.jocl.cl_mem;

/**
 * Starts kernels at little cost to the host, where each argument that is set takes a microsecond. A launch that comes a
 * second time gets a kernel object of its own that keeps its arguments; from then on it is started and nothing else. So
 * what a pass of fixed shape starts is recorded the second time and replayed after that, as the pool hands out the same
 * memory in every pass. Other launches set only those arguments that differ from the last ones of their kernel.
 */
final class Launches implements AutoCloseable {
    /** More than a training step with both discriminators starts. */
    private static final int MOST = 8192;

    private final cl_command_queue queue;
    private final Programs programs;
    private final Map<cl_kernel, Object[]> lastArguments = new HashMap<>();
    private final LinkedHashMap<Launch, Own> launches = new LinkedHashMap<>(1024, 0.75f, true);
    private long argumentsSet;
    private long started;

    /** What a launch is told from others by. */
    private record Launch(String file, String options, String kernel, long[] global, long[] local, Object[] arguments) {
        @Override
        public int hashCode() {
            return ((file.hashCode() * 31 + options.hashCode()) * 31 + kernel.hashCode()) * 31
                    + Arrays.hashCode(global) + Arrays.deepHashCode(arguments);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Launch launch && kernel.equals(launch.kernel) && file.equals(launch.file)
                    && options.equals(launch.options) && Arrays.equals(global, launch.global)
                    && Arrays.equals(local, launch.local) && Arrays.deepEquals(arguments, launch.arguments);
        }
    }

    /** The kernel object of one launch, null while that has been seen once only. */
    private static final class Own {
        private cl_kernel kernel;
    }

    Launches(cl_command_queue queue, Programs programs) {
        this.queue = queue;
        this.programs = programs;
    }

    long started() {
        return started;
    }

    /** How many arguments have been set so far. */
    long argumentsSet() {
        return argumentsSet;
    }

    /** As {@link Queue#launch(String, String, String, long[], long[], Object...)}. */
    void start(String file, String options, String name, long[] global, long[] local, Object... arguments) {
        started++;
        Launch launch = new Launch(file, options, name, global, local, arguments);
        Own own = launches.get(launch);
        cl_kernel kernel;
        if (own == null) {
            kernel = programs.kernel(file, options, name);
            Object[] last = lastArguments.remove(kernel);
            set(kernel, name, arguments, last != null && last.length == arguments.length ? last : null);
            lastArguments.put(kernel, arguments);
            remember(launch);
        } else {
            if (own.kernel == null) {
                cl_kernel fresh = programs.another(file, options, name);
                set(fresh, name, arguments, null);
                own.kernel = fresh;
            }
            kernel = own.kernel;
        }
        Cl.run("clEnqueueNDRangeKernel", () -> CL.clEnqueueNDRangeKernel(queue, kernel, global.length, null, global,
                local, 0, null, null), file + ".cl", name, global, local);
    }

    private void remember(Launch launch) {
        launches.put(launch, new Own());
        if (launches.size() > MOST) {
            release(launches.pollFirstEntry().getValue());
        }
    }

    /** Sets those arguments that are not the last ones. */
    private void set(cl_kernel kernel, String name, Object[] arguments, Object[] last) {
        for (int i = 0; i < arguments.length; i++) {
            if (last == null || !same(arguments[i], last[i])) {
                set(kernel, name, i, arguments[i]);
            }
        }
    }

    private static boolean same(Object a, Object b) {
        return a instanceof int[] one && b instanceof int[] other ? Arrays.equals(one, other) : a.equals(b);
    }

    private void set(cl_kernel kernel, String name, int index, Object value) {
        argumentsSet++;
        switch (value) {
            case cl_mem memory -> set(kernel, name, index, Sizeof.cl_mem, Pointer.to(memory));
            case Integer number -> set(kernel, name, index, Integer.BYTES, Pointer.to(new int[] {number}));
            case Float number -> set(kernel, name, index, Float.BYTES, Pointer.to(new float[] {number}));
            case int[] vector -> set(kernel, name, index, (long) Integer.BYTES * vector.length, Pointer.to(vector));
            case Queue.Local local -> set(kernel, name, index, local.bytes(), null);
            default -> throw new IllegalArgumentException("opencl: argument " + index + " of kernel " + name + " is "
                    + value.getClass().getName() + ", expected cl_mem, Integer, Float, int[] or Local");
        }
    }

    private static void set(cl_kernel kernel, String name, int index, long size, Pointer value) {
        Cl.run("clSetKernelArg", () -> CL.clSetKernelArg(kernel, index, size, value), name, index, size + " bytes");
    }

    /** Before memory is released: another buffer may get the same handle, which kernels must not take for the old one. */
    void forget() {
        lastArguments.clear();
        launches.values().forEach(Launches::release);
        launches.clear();
    }

    private static void release(Own own) {
        if (own.kernel != null) {
            Cl.run("clReleaseKernel", () -> CL.clReleaseKernel(own.kernel));
        }
    }

    @Override
    public void close() {
        forget();
    }
}
