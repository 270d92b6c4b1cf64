// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aulos.engine.NdArray;
import aulos.engine.Shape;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PicturesTest {
    @TempDir
    private Path folder;

    @Test
    void lowBandsAreAtTheBottomAndTheScaleIsTheDatas() {
        NdArray mel = NdArray.of(Shape.of(2, 3), -11.5f, -11.5f, -11.5f, -11.5f, -11.5f, 1.5f);
        BufferedImage image = SpectrogramImage.of(mel);
        assertThat(colour(image, image.getWidth() - 1, 0)).isEqualTo(0xfde725);
        assertThat(colour(image, image.getWidth() - 1, image.getHeight() - 1)).isEqualTo(0x440154);
        assertThat(colour(image, 0, 0)).isEqualTo(0x440154);
    }

    @Test
    void coloursBetween() {
        BufferedImage image = SpectrogramImage.of(NdArray.of(Shape.of(1, 3), 0, 1 / 16f, 1));
        assertThat(colour(image, image.getWidth() / 2, 0)).isEqualTo(0x461768);
        assertThat(colour(SpectrogramImage.of(NdArray.of(Shape.of(1, 2), 3f, 3f)), 0, 0)).isEqualTo(0x440154);
        assertThat(SpectrogramImage.of(NdArray.of(Shape.of(80, 1000), new float[80_000])).getWidth()).isEqualTo(1000);
    }

    @Test
    void refusesWhatIsNoSpectrogram() {
        assertThatThrownBy(() -> SpectrogramImage.of(NdArray.of(Shape.of(3), 1f, 2f, 3f)))
                .hasMessage("spectrogram image: mel has shape [3], expected [mels,frames]");
        assertThatThrownBy(() -> SpectrogramImage.of(NdArray.of(Shape.of(2, 2), 0, 0, 0, Float.NaN)))
                .hasMessage("spectrogram image: mel is NaN at band 1, frame 1, expected finite values");
    }

    @Test
    void lossCurve() throws IOException {
        Path png = folder.resolve("loss.png");
        LossCurve.Series total = new LossCurve.Series("total", steps(200),
                IntStream.range(0, 200).mapToObj(i -> i == 50 ? Double.NaN : 90 * Math.exp(-i / 60.0)).toList());
        LossCurve.Series mel = new LossCurve.Series("mel", steps(2), List.of(40.0, 20.0));
        LossCurve.write(png, "training", total, mel);
        BufferedImage image = ImageIO.read(png.toFile());
        assertThat(image.getWidth()).isEqualTo(1000);
        long colours = IntStream.range(0, 1000).flatMap(x -> IntStream.range(0, 600).map(y -> colour(image, x, y)))
                .distinct().count();
        assertThat(colours).isGreaterThan(10);
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(png);
        }
    }

    @Test
    void lossCurveNeedsValues() {
        assertThatThrownBy(() -> new LossCurve.Series("a", steps(2), List.of(1.0)))
                .hasMessage("loss curve a: 1 values for 2 steps, expected one each");
        assertThatThrownBy(() -> new LossCurve.Series("a", steps(1), List.of(Double.NaN)))
                .hasMessage("loss curve a: none of 1 values is finite, expected at least one");
        assertThatThrownBy(() -> LossCurve.write(folder.resolve("x.png"), "t"))
                .hasMessage("loss curve 't': no series given, expected at least one");
    }

    private static List<Long> steps(int count) {
        return IntStream.range(0, count).mapToObj(i -> (long) i).toList();
    }

    private static int colour(BufferedImage image, int x, int y) {
        return image.getRGB(x, y) & 0xffffff;
    }
}
