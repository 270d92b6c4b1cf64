// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.run;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** The vector width of all kernels of this JVM; see {@link Simd}, which says whether this class may be touched. */
public final class Lanes {
    /** A constant, as the compiler needs it to be for vector code. */
    public static final VectorSpecies<Float> S = species(System.getProperty(Simd.PROPERTY, "preferred"));

    static {
        // A loop may be compiled before its first call gets to a comparison, if two threads call it at once. The compiler
        // then leaves a call there, which allocates masks and vectors, for good: it knows only classes that are initialised.
        S.maskAll(false);
    }

    private Lanes() {}

    static int preferredBits() {
        return VectorShape.preferredShape().vectorBitSize();
    }

    private static VectorSpecies<Float> species(String choice) {
        return choice.equals("preferred")
                ? FloatVector.SPECIES_PREFERRED
                : VectorSpecies.of(float.class, VectorShape.forBitSize(Integer.parseInt(choice)));
    }
}
