// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop.warm;

import static aulos.kernels.cpu.run.Lanes.S;

import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Floats as integers, and selections among those of two vectors: the indices of a selection among floats would have to be
 * converted every time. Not among the loops that must not be inlined, because these have to be.
 */
public final class IntLanes {
    private static final VectorSpecies<Integer> I = S.withLanes(int.class);

    /** The elements at even places of two vectors. */
    public static final IntVector EVEN = indices(i -> 2 * i);
    public static final IntVector ODD = indices(i -> 2 * i + 1);

    private IntLanes() {}

    public static IntVector indices(IntUnaryOperator lane) {
        return IntVector.fromArray(I, IntStream.range(0, S.length()).map(lane).toArray(), 0);
    }

    public static IntVector load(float[] x, int at) {
        return FloatVector.fromArray(S, x, at).reinterpretAsInts();
    }

    public static void store(IntVector vector, float[] to, int at) {
        vector.reinterpretAsFloats().intoArray(to, at);
    }
}
