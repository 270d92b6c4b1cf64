// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.eval;

/**
 * How two tracks of {@link PitchTracker} differ.
 *
 * @param rmseCents √mean((1200·log₂(f̂/f))²) over the frames that are voiced in both; null if there are none
 * @param voicingError the share of frames, 0 to 1, that are voiced in one and not in the other
 */
record PitchError(Double rmseCents, double voicingError) {
    private static final double CENTS_PER_NEPER = 1200 / Math.log(2);

    /** Of two tracks of the same length, at least one frame: Hz, or 0 where unvoiced. */
    static PitchError of(double[] reference, double[] generated) {
        double squares = 0;
        int voiced = 0;
        int different = 0;
        for (int i = 0; i < reference.length; i++) {
            boolean real = reference[i] > 0;
            boolean fake = generated[i] > 0;
            if (real && fake) {
                double cents = CENTS_PER_NEPER * Math.log(generated[i] / reference[i]);
                squares += cents * cents;
                voiced++;
            } else if (real || fake) {
                different++;
            }
        }
        return new PitchError(voiced == 0 ? null : Math.sqrt(squares / voiced), (double) different / reference.length);
    }
}
