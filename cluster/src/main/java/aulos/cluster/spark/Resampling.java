// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.spark;

/** How long a clip is at another sampling rate. */
final class Resampling {
    private Resampling() {}

    static long length(long samples, int from, int to) {
        long divisor = gcd(from, to);
        return Math.ceilDiv(samples * (to / divisor), from / divisor);
    }

    private static long gcd(long a, long b) {
        return b == 0 ? a : gcd(b, a % b);
    }
}
