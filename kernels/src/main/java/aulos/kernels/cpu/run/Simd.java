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
    static final String MODULE = "jdk.incubator.vector";

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
                if (!moduleIsThere()) {
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

    /** Floats that loops take at a time: of {@code vectors}, or as many as are good for plain loops. */
    public static int floats(int vectors, int plain) {
        return ENABLED ? vectors * WIDTH : plain;
    }

    /** {@code count} rounded up to whole vectors. */
    public static int whole(int count) {
        return Math.ceilDiv(count, WIDTH) * WIDTH;
    }

    /**
     * Whether the module {@code jdk.incubator.vector} is there. A JVM has it that was started with {@code --add-modules}. A
     * jar cannot ask for modules, and a JVM so started can use no archived heap and warns of incubators; but a jar's manifest
     * can open the JDK's own way of loading a module later, {@code Add-Exports: java.base/jdk.internal.module}, and then it
     * is loaded here.
     */
    private static boolean moduleIsThere() {
        if (ModuleLayer.boot().findModule(MODULE).isPresent()) {
            return true;
        }
        try {
            Class.forName("jdk.internal.module.Modules").getMethod("loadModule", String.class).invoke(null, MODULE);
            return true;
        } catch (ReflectiveOperationException notOpened) {
            // Or this JDK comes without it.
            return false;
        }
    }
}
