// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jocl.CL;

/**
 * Failures on demand: while the system property {@code aulos.opencl.fault} is {@code CALL:N:CODE}, the N-th call of that
 * name since it was set, and every later one, is not made but answered with CODE, an OpenCL error; {@code CALL:N-M:CODE}
 * ends with the M-th. So what follows a lost device or full memory can be tried on any machine.
 */
final class Fault {
    static final String PROPERTY = "aulos.opencl.fault";

    private static final Pattern FORM = Pattern.compile("(cl\\w+):(\\d{1,9})(?:-(\\d{1,9}))?:(-\\d{1,5})");

    private static Fault planned;

    private final String text;
    private final String call;
    private final int from;
    private final int to;
    private final int code;
    private int calls;

    private Fault(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("system property " + PROPERTY + " is '" + text
                    + "', expected a call, its number and a code, as in clFinish:3:-5 or clCreateBuffer:2-4:-4");
        }
        this.text = text;
        call = matcher.group(1);
        from = Integer.parseInt(matcher.group(2));
        to = matcher.group(3) == null ? Integer.MAX_VALUE : Integer.parseInt(matcher.group(3));
        code = Integer.parseInt(matcher.group(4));
    }

    /** The code with which this call is to fail, or {@code CL_SUCCESS} if it is to be made. */
    static synchronized int next(String call) {
        String wanted = System.getProperty(PROPERTY);
        if (wanted == null) {
            planned = null;
            return CL.CL_SUCCESS;
        }
        if (planned == null || !planned.text.equals(wanted)) {
            planned = new Fault(wanted);
        }
        if (!planned.call.equals(call)) {
            return CL.CL_SUCCESS;
        }
        planned.calls++;
        return planned.calls >= planned.from && planned.calls <= planned.to ? planned.code : CL.CL_SUCCESS;
    }
}
