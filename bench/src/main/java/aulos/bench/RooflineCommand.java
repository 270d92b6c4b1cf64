// SPDX-License-Identifier: Apache-2.0
package aulos.bench;

import aulos.engine.io.AtomicFile;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.Styler.ChartTheme;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.SeriesMarkers;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Draws what {@code kernels} measured: arithmetic done against arithmetic for each byte, under the machine's limits. */
@Command(
        name = "roofline",
        sortOptions = false,
        description = "Draws results of 'kernels --json' against the limits of the machine that computed them.")
final class RooflineCommand implements Callable<Integer> {
    private static final int WIDTH = 1000;
    private static final int HEIGHT = 640;

    @Parameters(arity = "1..*", paramLabel = "RESULTS", description = "files of 'kernels --json', of one machine")
    private List<Path> results;

    @Option(names = "--out", required = true, paramLabel = "FILE", description = "the picture, PNG")
    private Path out;

    @SuppressWarnings("UnusedVariable") // picocli looks at it
    @Option(names = {"-h", "--help"}, usageHelp = true, description = "show this help")
    private boolean help;

    /** Points of one kind of kernel. */
    private record Points(List<Double> intensities, List<Double> gigaflops) {
        Points() {
            this(new ArrayList<>(), new ArrayList<>());
        }
    }

    @Override
    public Integer call() throws IOException {
        Map<String, Points> kinds = new LinkedHashMap<>();
        double flops = 0;
        double bandwidth = 0;
        for (Path file : results) {
            try {
                JsonObject report = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
                flops = Math.max(flops, report.get("peak_gflops").getAsDouble());
                bandwidth = Math.max(bandwidth, report.get("peak_gbps").getAsDouble());
                for (JsonElement element : report.getAsJsonArray("results")) {
                    add(kinds, report.get("workload").getAsString(), element.getAsJsonObject());
                }
            } catch (JsonParseException | IllegalStateException | NullPointerException e) {
                throw new IOException(file + ": is not a file of 'kernels --json'", e);
            }
        }
        if (kinds.isEmpty()) {
            throw new IOException(results.getFirst() + ": has no kernel that computes anything");
        }
        XYChart chart = chart(kinds, flops, bandwidth);
        AtomicFile.write(out, stream -> BitmapEncoder.saveBitmap(chart, stream, BitmapFormat.PNG));
        return 0;
    }

    /** What only moves memory has no place on the axis. */
    private static void add(Map<String, Points> kinds, String workload, JsonObject result) {
        double flop = result.get("flop").getAsDouble();
        if (flop > 0) {
            Points points = kinds.computeIfAbsent(result.get("kind").getAsString() + ", " + workload,
                    kind -> new Points());
            points.intensities.add(flop / result.get("bytes").getAsDouble());
            points.gigaflops.add(result.get("gflops").getAsDouble());
        }
    }

    private static XYChart chart(Map<String, Points> kinds, double flops, double bandwidth) {
        XYChart chart = new XYChartBuilder().width(WIDTH).height(HEIGHT).theme(ChartTheme.XChart)
                .title("Kernels under the limits of the machine: %.0f GFLOP/s, %.0f GB/s".formatted(flops, bandwidth))
                .xAxisTitle("flop for each byte of the operands").yAxisTitle("GFLOP/s, counted as a direct method")
                .build();
        XYStyler styler = chart.getStyler();
        styler.setXAxisLogarithmic(true);
        styler.setYAxisLogarithmic(true);
        styler.setLegendPosition(LegendPosition.OutsideE);
        styler.setDefaultSeriesRenderStyle(XYSeriesRenderStyle.Scatter);
        styler.setMarkerSize(7);
        double least = Double.MAX_VALUE;
        double most = flops / bandwidth;
        for (Points points : kinds.values()) {
            for (double intensity : points.intensities) {
                least = Math.min(least, intensity);
                most = Math.max(most, intensity);
            }
        }
        double ridge = flops / bandwidth;
        double left = Math.min(least, ridge / 2);
        XYSeries roof = chart.addSeries("limit", new double[] {left, ridge, Math.max(most, 2 * ridge)},
                new double[] {left * bandwidth, flops, flops});
        roof.setXYSeriesRenderStyle(XYSeriesRenderStyle.Line).setMarker(SeriesMarkers.NONE).setLineColor(Color.DARK_GRAY);
        kinds.forEach((kind, points) -> chart.addSeries(kind, points.intensities, points.gigaflops));
        return chart;
    }
}
