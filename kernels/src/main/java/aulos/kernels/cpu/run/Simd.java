// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.run;

/**
 * Whether kernels run as vector loops, decided once per JVM by the system property {@value #PROPERTY}:
 * {@code preferred} (what the machine does best; the default), {@code 64}, {@code 128}, {@code 256}, {@code 512} bits, or
 * {@code scalar}.
 * Without the incubator module {@code jdk.incubator.vector} the plain loops run, and one line on stderr says so.
 *
 * <p>This class mentions nothing of that module, so that plain loops run where it is missing. Whatever does mention it,
 * {@link Lanes} first of all, may be touched only if {@link #ENABLED}.
 */
public final class Simd {
    static final String PROPERTY = "aulos.cpu.vector";

    /** What is wrong with the property, in one line; null if nothing. The backend refuses to start with it. */
    public static final String PROBLEM;

    public static final boolean ENABLED;

    /** Floats per vector; 1 if not {@link #ENABLED}. */
    public static final int WIDTH;

    static {
        String choice = System.getProperty(PROPERTY, "preferred");
        String problem = null;
        int width = 1;
        switch (choice) {
            case "scalar" -> {}
            case "preferred", "64", "128", "256", "512" -> {
                if (!VectorModule.available()) {
                    System.err.println("aulos: warning: this JVM runs without --add-modules jdk.incubator.vector, so"
                            + " the cpu backend uses plain loops, which are several times slower");
                } else if (!choice.equals("preferred") && Integer.parseInt(choice) > Lanes.preferredBits()) {
                    problem = "system property " + PROPERTY + " asks for " + choice + "-bit vectors, this JVM has "
                            + Lanes.preferredBits();
                } else {
                    width = Lanes.S.length();
                }
            }
            default -> problem = "system property " + PROPERTY + " is '" + choice
                    + "', expected preferred, 64, 128, 256, 512 or scalar";
        }
        PROBLEM = problem;
        ENABLED = width > 1;
        WIDTH = width;
    }

    private Simd() {}
}
