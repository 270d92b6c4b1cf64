// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.run;

import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** The vector width of all kernels of this JVM; see {@link Simd}, which says whether this class may be touched. */
public final class Lanes {
    /** A constant, as the compiler needs it to be for vector code. */
    public static final VectorSpecies<Float> S = species(System.getProperty(Simd.PROPERTY, "preferred"));

    /** Of integers, to select by: the indices of a selection among floats would have to be converted every time. */
    private static final VectorSpecies<Integer> I = S.withLanes(int.class);

    /** The elements at even places of two vectors. */
    public static final IntVector EVEN = indices(i -> 2 * i);
    public static final IntVector ODD = indices(i -> 2 * i + 1);

    static {
        // A loop may be compiled before its first call gets to a comparison, if two threads call it at once. The compiler
        // then leaves a call there, which allocates masks and vectors, for good: it knows only classes that are initialised.
        S.maskAll(false);
    }

    private Lanes() {}

    public static IntVector indices(IntUnaryOperator lane) {
        return IntVector.fromArray(I, IntStream.range(0, S.length()).map(lane).toArray(), 0);
    }

    public static IntVector load(float[] x, int at) {
        return FloatVector.fromArray(S, x, at).reinterpretAsInts();
    }

    public static void store(IntVector vector, float[] to, int at) {
        vector.reinterpretAsFloats().intoArray(to, at);
    }

    static int preferredBits() {
        return VectorShape.preferredShape().vectorBitSize();
    }

    private static VectorSpecies<Float> species(String choice) {
        return choice.equals("preferred")
                ? FloatVector.SPECIES_PREFERRED
                : VectorSpecies.of(float.class, VectorShape.forBitSize(Integer.parseInt(choice)));
    }
}
