// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train.log;

import aulos.engine.NdArray;
import java.awt.image.BufferedImage;

/** Pictures of spectrograms: time to the right, frequency upwards, the colours of matplotlib's viridis. */
public final class SpectrogramImage {
    /** Cells are magnified by a whole number to about this size, in pixels; larger spectrograms keep theirs. */
    private static final int WIDTH = 640;
    private static final int HEIGHT = 240;

    /** Viridis at nine evenly spaced places, dark to bright. */
    private static final int[] VIRIDIS = {
        0x440154, 0x472d7b, 0x3b528b, 0x2c728e, 0x21908c, 0x27ad81, 0x5dc863, 0xaadc32, 0xfde725
    };

    private SpectrogramImage() {}

    /**
     * Draws a spectrogram; the darkest colour is its least value, the brightest its greatest.
     *
     * @param mel [mels, frames], finite
     * @throws IllegalArgumentException if it has another rank, or a value is not finite
     */
    public static BufferedImage of(NdArray mel) {
        requireMatrix(mel);
        int frames = mel.shape().dim(1);
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < mel.shape().size(); i++) {
            if (!Double.isFinite(mel.get(i))) {
                throw new IllegalArgumentException("spectrogram image: mel is " + mel.get(i) + " at band " + i / frames
                        + ", frame " + i % frames + ", expected finite values");
            }
            low = Math.min(low, mel.get(i));
            high = Math.max(high, mel.get(i));
        }
        return of(mel, low, high);
    }

    /**
     * Draws a spectrogram on a scale of its own, to compare several; values outside of it are drawn like its ends.
     *
     * @param mel [mels, frames]
     * @param low the value of the darkest colour
     * @param high the value of the brightest colour
     * @throws IllegalArgumentException if the mel has another rank
     */
    public static BufferedImage of(NdArray mel, double low, double high) {
        requireMatrix(mel);
        int mels = mel.shape().dim(0);
        int frames = mel.shape().dim(1);
        double scale = high > low ? 1 / (high - low) : 0;
        int cellWidth = Math.max(1, WIDTH / frames);
        int cellHeight = Math.max(1, HEIGHT / mels);
        BufferedImage image =
                new BufferedImage(frames * cellWidth, mels * cellHeight, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < image.getHeight(); y++) {
            int band = mels - 1 - y / cellHeight;
            for (int x = 0; x < image.getWidth(); x++) {
                image.setRGB(x, y, colour(Math.clamp((mel.get(band * frames + x / cellWidth) - low) * scale, 0, 1)));
            }
        }
        return image;
    }

    private static void requireMatrix(NdArray mel) {
        if (mel.shape().rank() != 2) {
            throw new IllegalArgumentException("spectrogram image: mel has shape " + mel.shape()
                    + ", expected [mels,frames]");
        }
    }

    /** Between two neighbours of the table, for a level from 0 to 1. */
    private static int colour(double level) {
        double place = level * (VIRIDIS.length - 1);
        int below = Math.min((int) place, VIRIDIS.length - 2);
        double share = place - below;
        int rgb = 0;
        for (int shift = 0; shift < 24; shift += 8) {
            int from = VIRIDIS[below] >> shift & 0xff;
            int to = VIRIDIS[below + 1] >> shift & 0xff;
            rgb |= (int) Math.round(from + share * (to - from)) << shift;
        }
        return rgb;
    }
}
