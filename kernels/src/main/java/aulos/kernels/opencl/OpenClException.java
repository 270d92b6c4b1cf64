// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

/** OpenCL refused something; the message names the call, the code and the arguments. */
public final class OpenClException extends IllegalStateException {
    private static final long serialVersionUID = 1;

    private final int code;

    OpenClException(String message, int code) {
        super(message);
        this.code = code;
    }

    /** OpenCL's error code, negative. */
    public int code() {
        return code;
    }
}
