// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop.warm;

import static aulos.kernels.cpu.run.Lanes.S;

import aulos.kernels.cpu.loop.plain.Tanh;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** {@link Tanh} of a vector; needs {@code Simd.ENABLED}. */
public final class TanhVector {
    private TanhVector() {}

    public static FloatVector of(FloatVector x) {
        FloatVector z = x.mul(x);
        FloatVector p = FloatVector.broadcast(S, Tanh.P2)
                .fma(z, FloatVector.broadcast(S, Tanh.P1))
                .fma(z, FloatVector.broadcast(S, Tanh.P0))
                .mul(x);
        FloatVector q = FloatVector.broadcast(S, Tanh.Q3)
                .fma(z, FloatVector.broadcast(S, Tanh.Q2))
                .fma(z, FloatVector.broadcast(S, Tanh.Q1))
                .fma(z, FloatVector.broadcast(S, 1));
        FloatVector y = p.add(p).mul(q).div(q.fma(q, p.mul(p)));
        return y.blend(1, x.compare(VectorOperators.GE, Tanh.LIMIT))
                .blend(-1, x.compare(VectorOperators.LE, -Tanh.LIMIT));
    }
}
