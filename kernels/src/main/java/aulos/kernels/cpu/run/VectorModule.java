// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.run;

/**
 * The module {@code jdk.incubator.vector}. A JVM has it that was started with {@code --add-modules}. A jar cannot ask for
 * modules, and a JVM so started can use no archived heap and warns of incubators; but a jar's manifest can open the JDK's
 * own way of loading a module later, {@code Add-Exports: java.base/jdk.internal.module}, and then it is loaded here.
 */
final class VectorModule {
    static final String NAME = "jdk.incubator.vector";

    private VectorModule() {}

    /** Whether it is there, loading it if need be and allowed. */
    static boolean available() {
        if (ModuleLayer.boot().findModule(NAME).isPresent()) {
            return true;
        }
        try {
            Class.forName("jdk.internal.module.Modules").getMethod("loadModule", String.class).invoke(null, NAME);
            return true;
        } catch (ReflectiveOperationException notOpened) {
            // Or this JDK comes without it. Simd says what that means.
            return false;
        }
    }
}
