// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train.log;

import aulos.engine.io.AtomicFile;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Pictures of how losses fall, against the training step. */
public final class LossCurve {
    private static final int WIDTH = 1000;
    private static final int HEIGHT = 600;
    private static final float LINE = 1.5f;

    /**
     * One curve.
     *
     * @param steps in ascending order
     * @param values one for each step; one that is not finite leaves a gap
     */
    public record Series(String name, List<Long> steps, List<Double> values) {
        /** @throws IllegalArgumentException if the lists differ in length or there is no finite value */
        public Series {
            steps = List.copyOf(steps);
            values = List.copyOf(values);
            if (steps.size() != values.size()) {
                throw new IllegalArgumentException("loss curve " + name + ": " + values.size() + " values for "
                        + steps.size() + " steps, expected one each");
            }
            if (values.stream().noneMatch(Double::isFinite)) {
                throw new IllegalArgumentException("loss curve " + name + ": none of " + values.size()
                        + " values is finite, expected at least one");
            }
        }
    }

    private LossCurve() {}

    /**
     * Draws the curves into one PNG file.
     *
     * @param series at least one, with different names
     * @throws IllegalArgumentException if there is none, or two have the same name
     * @throws IOException if the file cannot be written, naming it
     */
    public static void write(Path png, String title, Series... series) throws IOException {
        if (series.length == 0) {
            throw new IllegalArgumentException("loss curve '" + title + "': no series given, expected at least one");
        }
        XYChart chart = new XYChartBuilder().width(WIDTH).height(HEIGHT).title(title).xAxisTitle("step").build();
        chart.getStyler().setLegendPosition(Styler.LegendPosition.InsideNE).setChartBackgroundColor(Color.WHITE);
        for (Series curve : series) {
            chart.addSeries(curve.name(), curve.steps(), curve.values().stream().map(LossCurve::orGap).toList())
                    .setMarker(SeriesMarkers.NONE).setLineWidth(LINE);
        }
        AtomicFile.write(png, out -> {
            try (MemoryCacheImageOutputStream image = new MemoryCacheImageOutputStream(out)) {
                ImageIO.write(BitmapEncoder.getBufferedImage(chart), "png", image);
            }
        });
    }

    private static Double orGap(Double value) {
        return Double.isFinite(value) ? value : Double.NaN;
    }
}
