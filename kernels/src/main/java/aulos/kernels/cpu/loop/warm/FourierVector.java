// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.loop.warm;

import static aulos.kernels.cpu.run.Lanes.S;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import aulos.kernels.cpu.loop.FourierTile;
import jdk.incubator.vector.FloatVector;

/** The vector loops behind {@link FourierTile}, whole vectors only. */
public final class FourierVector {
    private static final int N = S.length();

    private FourierVector() {}

    public static void four(float[] x, int re, int im, int step, int xRow, float[] turns, float[] twiddles, int twiddle,
            float[] to, int at, int part, int toStep, int rows, int width) {
        // Read here, as a store in the loop might change them for all the compiler knows.
        float turn2 = turns[2];
        float turn3 = turns[3];
        float turn4 = turns[4];
        float turn5 = turns[5];
        float turn6 = turns[6];
        float turn7 = turns[7];
        float t0 = twiddles[twiddle];
        float t1 = twiddles[twiddle + 1];
        float t2 = twiddles[twiddle + 2];
        float t3 = twiddles[twiddle + 3];
        float t4 = twiddles[twiddle + 4];
        float t5 = twiddles[twiddle + 5];
        float t6 = twiddles[twiddle + 6];
        float t7 = twiddles[twiddle + 7];
        for (int i = 0, column = 0, from = 0; i < rows * width; i += N) {
            int p = re + from + column;
            int q = im + from + column;
            column += N;
            if (column == width) {
                column = 0;
                from += xRow;
            }
            FloatVector r0 = fromArray(S, x, p);
            FloatVector s0 = fromArray(S, x, q);
            FloatVector xr1 = fromArray(S, x, p + step);
            FloatVector xi1 = fromArray(S, x, q + step);
            FloatVector c1 = broadcast(S, turn2);
            FloatVector d1 = broadcast(S, turn3);
            FloatVector r1 = xr1.fma(c1, xi1.mul(d1).neg());
            FloatVector s1 = xr1.fma(d1, xi1.mul(c1));
            FloatVector xr2 = fromArray(S, x, p + 2 * step);
            FloatVector xi2 = fromArray(S, x, q + 2 * step);
            FloatVector c2 = broadcast(S, turn4);
            FloatVector d2 = broadcast(S, turn5);
            FloatVector r2 = xr2.fma(c2, xi2.mul(d2).neg());
            FloatVector s2 = xr2.fma(d2, xi2.mul(c2));
            FloatVector xr3 = fromArray(S, x, p + 3 * step);
            FloatVector xi3 = fromArray(S, x, q + 3 * step);
            FloatVector c3 = broadcast(S, turn6);
            FloatVector d3 = broadcast(S, turn7);
            FloatVector r3 = xr3.fma(c3, xi3.mul(d3).neg());
            FloatVector s3 = xr3.fma(d3, xi3.mul(c3));
            FloatVector r02 = r0.add(r2);
            FloatVector s02 = s0.add(s2);
            FloatVector r13 = r1.add(r3);
            FloatVector s13 = s1.add(s3);
            r2 = r0.sub(r2);
            s2 = s0.sub(s2);
            r3 = r1.sub(r3);
            s3 = s1.sub(s3);
            r0 = r02.add(r13);
            s0 = s02.add(s13);
            r1 = r2.add(s3);
            s1 = s2.sub(r3);
            FloatVector last = r2.sub(s3);
            s3 = s2.add(r3);
            r3 = last;
            r2 = r02.sub(r13);
            s2 = s02.sub(s13);
            int to0 = at + i;
            int to1 = to0 + part;
            FloatVector e0 = broadcast(S, t0);
            FloatVector f0 = broadcast(S, t1);
            r0.fma(e0, s0.mul(f0).neg()).intoArray(to, to0);
            r0.fma(f0, s0.mul(e0)).intoArray(to, to1);
            FloatVector e1 = broadcast(S, t2);
            FloatVector f1 = broadcast(S, t3);
            r1.fma(e1, s1.mul(f1).neg()).intoArray(to, to0 + toStep);
            r1.fma(f1, s1.mul(e1)).intoArray(to, to1 + toStep);
            FloatVector e2 = broadcast(S, t4);
            FloatVector f2 = broadcast(S, t5);
            r2.fma(e2, s2.mul(f2).neg()).intoArray(to, to0 + 2 * toStep);
            r2.fma(f2, s2.mul(e2)).intoArray(to, to1 + 2 * toStep);
            FloatVector e3 = broadcast(S, t6);
            FloatVector f3 = broadcast(S, t7);
            r3.fma(e3, s3.mul(f3).neg()).intoArray(to, to0 + 3 * toStep);
            r3.fma(f3, s3.mul(e3)).intoArray(to, to1 + 3 * toStep);
        }
    }

    public static void eight(float[] x, int re, int im, int step, float[] to, int toRe, int toIm, int toStep, int count) {
        for (int i = 0; i < count; i += N) {
            int p = re + i;
            int q = im + i;
            FloatVector r0 = fromArray(S, x, p);
            FloatVector s0 = fromArray(S, x, q);
            FloatVector r1 = fromArray(S, x, p + 2 * step);
            FloatVector s1 = fromArray(S, x, q + 2 * step);
            FloatVector r2 = fromArray(S, x, p + 4 * step);
            FloatVector s2 = fromArray(S, x, q + 4 * step);
            FloatVector r3 = fromArray(S, x, p + 6 * step);
            FloatVector s3 = fromArray(S, x, q + 6 * step);
            FloatVector r02 = r0.add(r2);
            FloatVector s02 = s0.add(s2);
            FloatVector r13 = r1.add(r3);
            FloatVector s13 = s1.add(s3);
            r2 = r0.sub(r2);
            s2 = s0.sub(s2);
            r3 = r1.sub(r3);
            s3 = s1.sub(s3);
            r0 = r02.add(r13);
            s0 = s02.add(s13);
            r1 = r2.add(s3);
            s1 = s2.sub(r3);
            FloatVector last0 = r2.sub(s3);
            s3 = s2.add(r3);
            r3 = last0;
            r2 = r02.sub(r13);
            s2 = s02.sub(s13);
            FloatVector r4 = fromArray(S, x, p + step);
            FloatVector s4 = fromArray(S, x, q + step);
            FloatVector r5 = fromArray(S, x, p + 3 * step);
            FloatVector s5 = fromArray(S, x, q + 3 * step);
            FloatVector r6 = fromArray(S, x, p + 5 * step);
            FloatVector s6 = fromArray(S, x, q + 5 * step);
            FloatVector r7 = fromArray(S, x, p + 7 * step);
            FloatVector s7 = fromArray(S, x, q + 7 * step);
            FloatVector r46 = r4.add(r6);
            FloatVector s46 = s4.add(s6);
            FloatVector r57 = r5.add(r7);
            FloatVector s57 = s5.add(s7);
            r6 = r4.sub(r6);
            s6 = s4.sub(s6);
            r7 = r5.sub(r7);
            s7 = s5.sub(s7);
            r4 = r46.add(r57);
            s4 = s46.add(s57);
            r5 = r6.add(s7);
            s5 = s6.sub(r7);
            FloatVector last4 = r6.sub(s7);
            s7 = s6.add(r7);
            r7 = last4;
            r6 = r46.sub(r57);
            s6 = s46.sub(s57);
            FloatVector half = broadcast(S, FourierTile.HALF_ROOT);
            FloatVector or1 = r5.add(s5).mul(half);
            FloatVector os1 = s5.sub(r5).mul(half);
            FloatVector or3 = s7.sub(r7).mul(half);
            FloatVector os3 = r7.add(s7).mul(half.neg());
            p = toRe + i;
            q = toIm + i;
            r0.add(r4).intoArray(to, p);
            s0.add(s4).intoArray(to, q);
            r1.add(or1).intoArray(to, p + toStep);
            s1.add(os1).intoArray(to, q + toStep);
            r2.add(s6).intoArray(to, p + 2 * toStep);
            s2.sub(r6).intoArray(to, q + 2 * toStep);
            r3.add(or3).intoArray(to, p + 3 * toStep);
            s3.add(os3).intoArray(to, q + 3 * toStep);
            r0.sub(r4).intoArray(to, p + 4 * toStep);
            s0.sub(s4).intoArray(to, q + 4 * toStep);
            r1.sub(or1).intoArray(to, p + 5 * toStep);
            s1.sub(os1).intoArray(to, q + 5 * toStep);
            r2.sub(s6).intoArray(to, p + 6 * toStep);
            s2.add(r6).intoArray(to, q + 6 * toStep);
            r3.sub(or3).intoArray(to, p + 7 * toStep);
            s3.sub(os3).intoArray(to, q + 7 * toStep);
        }
    }

    public static void real(float[] t, int at, int part, int step, float[] twiddles, int twiddle, float[] turns, float[] y,
            int to, int toStep, int count) {
        float turn2 = turns[2];
        float turn3 = turns[3];
        float turn4 = turns[4];
        float turn5 = turns[5];
        float turn6 = turns[6];
        float turn7 = turns[7];
        float t0 = twiddles[twiddle];
        float t1 = twiddles[twiddle + 1];
        float t2 = twiddles[twiddle + 2];
        float t3 = twiddles[twiddle + 3];
        float t4 = twiddles[twiddle + 4];
        float t5 = twiddles[twiddle + 5];
        float t6 = twiddles[twiddle + 6];
        float t7 = twiddles[twiddle + 7];
        for (int i = 0; i < count; i += N) {
            int p = at + i;
            int q = p + part;
            FloatVector tr0 = fromArray(S, t, p);
            FloatVector ti0 = fromArray(S, t, q);
            FloatVector c0 = broadcast(S, t0);
            FloatVector d0 = broadcast(S, t1);
            FloatVector r0 = tr0.fma(c0, ti0.mul(d0).neg());
            FloatVector s0 = tr0.fma(d0, ti0.mul(c0));
            FloatVector tr1 = fromArray(S, t, p + step);
            FloatVector ti1 = fromArray(S, t, q + step);
            FloatVector c1 = broadcast(S, t2);
            FloatVector d1 = broadcast(S, t3);
            FloatVector r1 = tr1.fma(c1, ti1.mul(d1).neg());
            FloatVector s1 = tr1.fma(d1, ti1.mul(c1));
            FloatVector tr2 = fromArray(S, t, p + 2 * step);
            FloatVector ti2 = fromArray(S, t, q + 2 * step);
            FloatVector c2 = broadcast(S, t4);
            FloatVector d2 = broadcast(S, t5);
            FloatVector r2 = tr2.fma(c2, ti2.mul(d2).neg());
            FloatVector s2 = tr2.fma(d2, ti2.mul(c2));
            FloatVector tr3 = fromArray(S, t, p + 3 * step);
            FloatVector ti3 = fromArray(S, t, q + 3 * step);
            FloatVector c3 = broadcast(S, t6);
            FloatVector d3 = broadcast(S, t7);
            FloatVector r3 = tr3.fma(c3, ti3.mul(d3).neg());
            FloatVector s3 = tr3.fma(d3, ti3.mul(c3));
            FloatVector r02 = r0.add(r2);
            FloatVector r13 = r1.add(r3);
            FloatVector r20 = r0.sub(r2);
            FloatVector s20 = s0.sub(s2);
            FloatVector r31 = r1.sub(r3);
            FloatVector s31 = s1.sub(s3);
            int target = to + i;
            r02.add(r13).intoArray(y, target);
            r20.sub(s31).fma(broadcast(S, turn2), s20.add(r31).mul(turn3)).intoArray(y, target + toStep);
            r02.sub(r13).fma(broadcast(S, turn4), s0.add(s2).sub(s1.add(s3)).mul(turn5))
                    .intoArray(y, target + 2 * toStep);
            r20.add(s31).fma(broadcast(S, turn6), s20.sub(r31).mul(turn7))
                    .intoArray(y, target + 3 * toStep);
        }
    }
}
