// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jocl.CL;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_context;
import org.jocl.cl_device_id;
import org.jocl.cl_kernel;
import org.jocl.cl_program;

/** The compiled kernels of one context: each source is built once for each set of options, and kept on disk. */
final class Programs implements AutoCloseable {
    private static final Pattern INCLUDE = Pattern.compile("(?m)^#include \"(\\w+\\.clh)\"$");
    private static final String STANDARD = "-cl-std=CL1.2";

    private record Key(String file, String options) {}

    private record KernelKey(Key program, String name) {}

    private final cl_context context;
    private final DeviceInfo device;
    private final ProgramFiles files;
    private final Map<Key, cl_program> programs = new HashMap<>();
    private final Map<Key, CompletableFuture<cl_program>> begun = new HashMap<>();
    private ExecutorService compilers;
    private final Map<KernelKey, cl_kernel> kernels = new HashMap<>();

    Programs(cl_context context, DeviceInfo device, ProgramFiles files) {
        this.context = context;
        this.device = device;
        this.files = files;
    }

    /**
     * A kernel, ready for its arguments.
     *
     * @param file a resource of this package without its {@code .cl}
     * @param options as in {@code -DTILE=16}, or empty
     * @throws OpenClException if it does not build, with the compiler's words
     */
    cl_kernel kernel(String file, String options, String name) {
        KernelKey key = new KernelKey(new Key(file, options), name);
        return kernels.computeIfAbsent(key, kernel -> another(file, options, name));
    }

    /** Another object of the same kernel, with arguments of its own; the caller releases it. */
    cl_kernel another(String file, String options, String name) {
        cl_program program = program(file, options);
        return Cl.make("clCreateKernel", code -> CL.clCreateKernel(program, name, code), name, file + ".cl");
    }

    /** Begins to compile in the background, so that {@link #kernel} need not; what fails is said there. */
    void compile(String file, String options) {
        Key key = new Key(file, options);
        if (!programs.containsKey(key)) {
            begun.computeIfAbsent(key, wanted -> CompletableFuture.supplyAsync(() -> program(wanted), compilers()));
        }
    }

    private ExecutorService compilers() {
        if (compilers == null) {
            compilers = Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors(),
                    Thread.ofPlatform().daemon().name("opencl-compiler-", 0).factory());
        }
        return compilers;
    }

    private cl_program program(String file, String options) {
        Key key = new Key(file, options);
        cl_program program = programs.get(key);
        if (program == null) {
            CompletableFuture<cl_program> begunBefore = begun.remove(key);
            program = begunBefore == null ? program(key) : joined(begunBefore);
            programs.put(key, program);
        }
        return program;
    }

    private static cl_program joined(CompletableFuture<cl_program> begun) {
        try {
            return begun.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException failed) {
                throw failed;
            }
            throw e;
        }
    }

    private cl_program program(Key key) {
        String source = source(key.file);
        String options = (STANDARD + " " + key.options).strip();
        String name = ProgramFiles.key(source, options, device.name(), device.vendor(), device.platform(),
                device.driver());
        byte[] kept = files.read(name);
        cl_program program = kept == null ? null : fromBinary(kept, options);
        if (program == null) {
            program = compiled(key.file, source, options);
            if (source.contains(Sm90a.MARK) && options.contains("-DPTX=1")) {
                program = withMarkedLines(program, options);
            }
            files.write(name, binary(program));
        }
        return program;
    }

    /** Null if the driver does not take it: it may have changed without changing its version. */
    private cl_program fromBinary(byte[] binary, String options) {
        cl_device_id[] devices = {device.id()};
        try {
            cl_program program = Cl.make("clCreateProgramWithBinary", code -> CL.clCreateProgramWithBinary(context, 1,
                    devices, new long[] {binary.length}, new byte[][] {binary}, new int[1], code), binary.length);
            try {
                build(program, options);
                return program;
            } catch (OpenClException refused) {
                release(program);
                return null;
            }
        } catch (OpenClException refused) {
            return null;
        }
    }

    private cl_program compiled(String file, String source, String options) {
        cl_program program = Cl.make("clCreateProgramWithSource",
                code -> CL.clCreateProgramWithSource(context, 1, new String[] {source}, null, code), file + ".cl");
        try {
            build(program, options);
            return program;
        } catch (OpenClException failed) {
            String log = log(program, file);
            release(program);
            throw new OpenClException("opencl: " + file + ".cl does not build for " + device.name() + " with options '"
                    + options + "': " + failed.getMessage() + (log.isEmpty() ? "" : "; the compiler says: " + log),
                    failed.code());
        }
    }

    /** Another program, of the PTX text of this one. */
    private cl_program withMarkedLines(cl_program program, String options) {
        try {
            byte[] text = Sm90a.unmarked(binary(program));
            cl_device_id[] devices = {device.id()};
            cl_program marked = Cl.make("clCreateProgramWithBinary", code -> CL.clCreateProgramWithBinary(context, 1,
                    devices, new long[] {text.length}, new byte[][] {text}, new int[1], code), text.length);
            try {
                build(marked, options);
                return marked;
            } catch (OpenClException refused) {
                release(marked);
                throw refused;
            }
        } finally {
            release(program);
        }
    }

    /** What the compiler said; empty if the driver does not tell. */
    private String log(cl_program program, String file) {
        try {
            return Cl.text("clGetProgramBuildInfo", (size, value, returned) -> CL.clGetProgramBuildInfo(program,
                    device.id(), CL.CL_PROGRAM_BUILD_LOG, size, value, returned), "CL_PROGRAM_BUILD_LOG", file + ".cl");
        } catch (OpenClException untold) {
            return "";
        }
    }

    private void build(cl_program program, String options) {
        cl_device_id[] devices = {device.id()};
        Cl.run("clBuildProgram", () -> CL.clBuildProgram(program, 1, devices, options, null, null), options);
    }

    private static byte[] binary(cl_program program) {
        byte[] sizes = Cl.bytes("clGetProgramInfo", (size, value, returned) -> CL.clGetProgramInfo(program,
                CL.CL_PROGRAM_BINARY_SIZES, size, value, returned), "CL_PROGRAM_BINARY_SIZES");
        byte[] binary = new byte[Math.toIntExact(ByteBuffer.wrap(sizes).order(ByteOrder.nativeOrder()).getLong())];
        Cl.run("clGetProgramInfo", () -> CL.clGetProgramInfo(program, CL.CL_PROGRAM_BINARIES, Sizeof.POINTER,
                Pointer.to(Pointer.to(binary)), null), "CL_PROGRAM_BINARIES");
        return binary;
    }

    /** With the files that it includes, and those that they do, in their places. */
    private static String source(String file) {
        String source = text(file + ".cl");
        while (INCLUDE.matcher(source).find()) {
            source = INCLUDE.matcher(source).replaceAll(include -> Matcher.quoteReplacement(text(include.group(1))));
        }
        return source;
    }

    private static String text(String file) {
        try (InputStream in = Programs.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException("opencl: the kernel file " + file + " is missing in the program");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("opencl: cannot read " + file, e);
        }
    }

    private static void release(cl_program program) {
        Cl.run("clReleaseProgram", () -> CL.clReleaseProgram(program));
    }

    @Override
    public void close() {
        if (compilers != null) {
            // What has not begun is left; what has is waited for, as its context goes.
            compilers.shutdownNow();
            compilers.close();
            begun.values().stream().filter(program -> program.isDone() && !program.isCompletedExceptionally())
                    .forEach(program -> release(program.join()));
            begun.clear();
        }
        kernels.values().forEach(kernel -> Cl.run("clReleaseKernel", () -> CL.clReleaseKernel(kernel)));
        kernels.clear();
        programs.values().forEach(Programs::release);
        programs.clear();
    }
}
