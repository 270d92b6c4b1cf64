// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * Instructions of compute capability 9.0a in OpenCL C. NVIDIA's compiler refuses them in source, but its driver takes PTX text
 * with them and returns that of a program. So a source has them in comments that begin with {@link #MARK}, and what the driver
 * returns for it is given back without the marks and with the architecture that has them.
 */
final class Sm90a {
    /** As {@code wgmma.clh} has it. */
    static final String MARK = "//@sm_90a ";

    private static final Pattern TARGET = Pattern.compile("(?m)^(\\s*\\.target\\s+)sm_90\\b");

    private Sm90a() {}

    /**
     * The PTX text with its marked lines.
     *
     * @throws OpenClException if this is no PTX text for compute capability 9.0, or has none
     */
    static byte[] unmarked(byte[] binary) {
        int length = binary.length;
        while (length > 0 && binary[length - 1] == 0) {
            length--;
        }
        String text = new String(binary, 0, length, StandardCharsets.ISO_8859_1);
        if (!TARGET.matcher(text).find() || !text.contains(MARK)) {
            throw new OpenClException("opencl: what the driver returns for a program of a Hopper GPU is not the PTX text with"
                    + " marked lines that was expected; it begins with '" + text.strip().lines().findFirst().orElse("") + "'",
                    0);
        }
        return TARGET.matcher(text.replace(MARK, "")).replaceFirst("$1sm_90a").getBytes(StandardCharsets.ISO_8859_1);
    }
}
