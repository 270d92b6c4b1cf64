// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jocl.CL;

/**
 * Failures on demand: with {@code -Daulos.opencl.fault=CALL:N:CODE} the N-th call of that name from the start of the
 * program, and every later one, is not made but answered with CODE, an OpenCL error; {@code CALL:N-M:CODE} ends with the
 * M-th. So what follows a lost device or full memory can be tried on any machine.
 */
final class Fault {
    private static final Pattern FORM = Pattern.compile("(cl\\w+):(\\d{1,9})(?:-(\\d{1,9}))?:(-\\d{1,5})");

    private static Fault planned = parse(System.getProperty("aulos.opencl.fault"));

    private final String call;
    private final int from;
    private final int to;
    private final int code;
    private int calls;

    private Fault(String call, int from, int to, int code) {
        this.call = call;
        this.from = from;
        this.to = to;
        this.code = code;
    }

    /** Counts from now on, for tests; null: no failures. */
    static synchronized void plan(String text) {
        planned = parse(text);
    }

    /** The code with which this call is to fail, or {@code CL_SUCCESS} if it is to be made. */
    static synchronized int next(String call) {
        if (planned == null || !planned.call.equals(call)) {
            return CL.CL_SUCCESS;
        }
        planned.calls++;
        return planned.calls >= planned.from && planned.calls <= planned.to ? planned.code : CL.CL_SUCCESS;
    }

    private static Fault parse(String text) {
        if (text == null) {
            return null;
        }
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("aulos.opencl.fault is '" + text
                    + "', expected a call, its number and a code, as in clFinish:3:-5 or clCreateBuffer:2-4:-4");
        }
        int from = Integer.parseInt(matcher.group(2));
        int to = matcher.group(3) == null ? Integer.MAX_VALUE : Integer.parseInt(matcher.group(3));
        return new Fault(matcher.group(1), from, to, Integer.parseInt(matcher.group(4)));
    }
}
