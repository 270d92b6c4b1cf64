// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.cli;

import aulos.engine.NdArray;
import aulos.engine.io.AtomicFile;
import aulos.hifigan.train.log.SpectrogramImage;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Line2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Two clips above each other, each as waveform and spectrogram, on the same scales. */
final class DemoPicture {
    private static final int WIDTH = 1200;
    private static final int MARGIN = 24;
    private static final int TITLE = 30;
    private static final int WAVE = 90;
    private static final int SPECTROGRAM = 240;
    private static final int AXIS = 34;
    private static final int PANEL = TITLE + WAVE + SPECTROGRAM + 16;
    private static final int PLOT = WIDTH - 2 * MARGIN;
    private static final Color INK = new Color(0x1f2933);
    private static final Color FAINT = new Color(0x7b8794);
    private static final Color ACCENT = new Color(0x21908c);

    private final Graphics2D graphics;
    private final float[] firstSamples;
    private final double peak;
    private final double low;
    private final double high;

    /**
     * One of the two.
     *
     * @param samples of any sampling rate
     * @param mel [mels, frames] of the same stretch of time
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Panel(String title, float[] samples, NdArray mel) {}

    private DemoPicture(Graphics2D graphics, Panel first) {
        this.graphics = graphics;
        this.firstSamples = first.samples;
        double loudest = 0;
        for (float sample : firstSamples) {
            loudest = Math.max(loudest, Math.abs(sample));
        }
        double least = Double.POSITIVE_INFINITY;
        double greatest = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < first.mel.shape().size(); i++) {
            least = Math.min(least, first.mel.get(i));
            greatest = Math.max(greatest, first.mel.get(i));
        }
        peak = loudest > 0 ? loudest : 1;
        low = least;
        high = greatest;
    }

    /**
     * Draws a PNG file; the scales are those that the first panel fills.
     *
     * @param seconds that the clips last
     * @throws IOException if the file cannot be written, or the machine has no font to write titles with
     */
    static void write(Path png, double seconds, Panel first, Panel second) throws IOException {
        BufferedImage image = new BufferedImage(WIDTH, 2 * PANEL + AXIS + MARGIN, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        try {
            graphics.setColor(Color.WHITE);
            graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
            graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
            graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
            DemoPicture picture = new DemoPicture(graphics, first);
            picture.panel(first, MARGIN / 2);
            picture.panel(second, MARGIN / 2 + PANEL);
            picture.axis(seconds, MARGIN / 2 + 2 * PANEL - 10);
        } catch (InternalError | RuntimeException | NoClassDefFoundError e) {
            throw new IOException(png + ": cannot be drawn, most likely for want of a font (Debian: apt install "
                    + "fontconfig fonts-dejavu-core): " + e, e);
        } finally {
            graphics.dispose();
        }
        AtomicFile.write(png, out -> {
            try (MemoryCacheImageOutputStream stream = new MemoryCacheImageOutputStream(out)) {
                ImageIO.write(image, "png", stream);
            }
        });
    }

    private void panel(Panel panel, int top) {
        graphics.setColor(INK);
        graphics.setFont(new Font(Font.SANS_SERIF, Font.BOLD, 16));
        graphics.drawString(panel.title, MARGIN, top + TITLE - 10);
        wave(panel.samples, top + TITLE);
        BufferedImage spectrogram = SpectrogramImage.of(panel.mel, low, high);
        graphics.drawImage(spectrogram, MARGIN, top + TITLE + WAVE + 4, PLOT, SPECTROGRAM, null);
    }

    /** One vertical stroke per pixel, from the least to the greatest sample that falls on it. */
    private void wave(float[] samples, int top) {
        graphics.setColor(ACCENT);
        graphics.setStroke(new BasicStroke(1));
        double middle = top + WAVE / 2.0;
        double scale = WAVE / 2.0 / peak;
        for (int x = 0; x < PLOT; x++) {
            int from = (int) ((long) x * samples.length / PLOT);
            int to = Math.max(from + 1, (int) ((long) (x + 1) * samples.length / PLOT));
            double least = 0;
            double greatest = 0;
            for (int i = from; i < Math.min(to, samples.length); i++) {
                least = Math.min(least, samples[i]);
                greatest = Math.max(greatest, samples[i]);
            }
            graphics.draw(new Line2D.Double(MARGIN + x, middle - Math.min(greatest * scale, WAVE / 2.0),
                    MARGIN + x, middle - Math.max(least * scale, -WAVE / 2.0)));
        }
    }

    private void axis(double seconds, int top) {
        graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
        graphics.setColor(FAINT);
        double step = seconds > 20 ? 5 : seconds > 4 ? 1 : 0.5;
        for (double time = 0; time <= seconds; time += step) {
            int x = MARGIN + (int) (time / seconds * PLOT);
            graphics.drawLine(x, top, x, top + 5);
            String label = String.format(Locale.ROOT, step < 1 ? "%.1f s" : "%.0f s", time);
            int width = graphics.getFontMetrics().stringWidth(label);
            graphics.drawString(label, Math.min(x, WIDTH - MARGIN - width), top + 20);
        }
    }
}
