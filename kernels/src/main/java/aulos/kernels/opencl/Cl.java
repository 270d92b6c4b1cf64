// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.stream.Collectors;
import org.jocl.CL;
import org.jocl.Pointer;

/** The one place through which OpenCL is called: it checks every code, and is where tests let calls fail. */
final class Cl {
    private Cl() {}

    /**
     * Makes a call that returns a code.
     *
     * @param arguments for the message
     * @throws OpenClException if the code is an error
     */
    static void run(String call, IntSupplier body, Object... arguments) {
        int injected = Fault.next(call);
        check(injected != CL.CL_SUCCESS ? injected : body.getAsInt(), call, arguments);
    }

    /**
     * Makes a call that returns an object and leaves its code in an array.
     *
     * @param arguments for the message
     * @throws OpenClException if the code is an error
     */
    static <T> T make(String call, Function<int[], T> body, Object... arguments) {
        int[] code = {Fault.next(call)};
        T result = code[0] == CL.CL_SUCCESS ? body.apply(code) : null;
        check(code[0], call, arguments);
        return result;
    }

    private static void check(int code, String call, Object... arguments) {
        if (code != CL.CL_SUCCESS) {
            throw new OpenClException("opencl: " + call + "("
                    + Arrays.stream(arguments).map(Cl::shown).collect(Collectors.joining(", ")) + ") failed with "
                    + name(code) + " (" + code + ")" + hint(code), code);
        }
    }

    private static String shown(Object argument) {
        return argument instanceof long[] sizes ? Arrays.toString(sizes) : String.valueOf(argument);
    }

    /** OpenCL's name of an error code, as in {@code CL_INVALID_VALUE}. */
    private static String name(int code) {
        return code < -1000 ? "a code of the driver's own" : CL.stringFor_errorCode(code);
    }

    private static String hint(int code) {
        return switch (code) {
            case CL.CL_DEVICE_NOT_AVAILABLE -> ": the device is gone, or taken by another program";
            case CL.CL_OUT_OF_RESOURCES -> ": the device ran out of memory or stopped working";
            default -> "";
        };
    }

    /** A call that reads one piece of information, as {@code clGetDeviceInfo} with all but the last three arguments. */
    interface Query {
        int read(long size, Pointer value, long[] sizeReturned);
    }

    /** The bytes of one piece of information. */
    static byte[] bytes(String call, Query query, Object... arguments) {
        long[] size = new long[1];
        run(call, () -> query.read(0, null, size), arguments);
        byte[] value = new byte[Math.toIntExact(size[0])];
        if (value.length > 0) {
            run(call, () -> query.read(value.length, Pointer.to(value), null), arguments);
        }
        return value;
    }

    /** A piece of information that is text. */
    static String text(String call, Query query, Object... arguments) {
        return new String(bytes(call, query, arguments), StandardCharsets.UTF_8).replace("\0", "").strip();
    }

    /** A piece of information that is a number of 4 or 8 bytes, as this machine lays it out. */
    static long number(String call, Query query, Object... arguments) {
        byte[] value = bytes(call, query, arguments);
        ByteBuffer buffer = ByteBuffer.wrap(value).order(ByteOrder.nativeOrder());
        return value.length == Long.BYTES ? buffer.getLong() : buffer.getInt();
    }
}
