// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResamplerTest {
    /** Samples in memory, handed out in blocks of at most {@code block}. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Memory(float[] samples, int sampleRate, int block, int[] position) implements AudioStream {
        Memory(float[] samples, int sampleRate, int block) {
            this(samples, sampleRate, block, new int[1]);
        }

        @Override
        public long length() {
            return samples.length;
        }

        @Override
        public String format() {
            return "memory";
        }

        @Override
        public int read(float[] buffer, int offset, int count) {
            int read = Math.min(Math.min(count, block), samples.length - position[0]);
            System.arraycopy(samples, position[0], buffer, offset, read);
            position[0] += read;
            return read == 0 ? -1 : read;
        }

        @Override
        public void close() {}
    }

    private static float[] resample(float[] samples, int from, int to, int sourceBlock, int block) throws IOException {
        try (AudioStream stream = new Memory(samples, from, sourceBlock).resampledTo(to)) {
            float[] result = new float[(int) stream.length() + block];
            int count = 0;
            for (int read = 0; read >= 0; count += read) {
                read = stream.read(result, count, block);
                if (read < 0) {
                    break;
                }
            }
            assertThat(count).isEqualTo((int) stream.length());
            return Arrays.copyOf(result, count);
        }
    }

    private static float[] sine(double frequency, int rate, int length) {
        float[] sine = new float[length];
        for (int i = 0; i < length; i++) {
            sine[i] = (float) Math.sin(2 * Math.PI * frequency * i / rate);
        }
        return sine;
    }

    private static double decibels(double ratio) {
        return 20 * Math.log10(ratio);
    }

    @ParameterizedTest
    @CsvSource({"48000,22050", "44100,22050", "22050,48000", "16000,22050", "8000,24000", "44101,22050", "22050,44101",
        "96000,16000", "47999,8000"})
    void passBandIsUntouched(int from, int to) throws IOException {
        double nyquist = Math.min(from, to) / 2.0;
        for (double part : new double[] {0.01, 0.3, 0.6, 0.8, 0.9}) {
            float[] result = resample(sine(part * nyquist, from, from / 4), from, to, 4096, 4096);
            int edge = result.length / 4;
            double error = 0;
            for (int i = edge; i < result.length - edge; i++) {
                error = Math.max(error, Math.abs(result[i] - Math.sin(2 * Math.PI * part * nyquist * i / to)));
            }
            // Compares sample by sample, so a shift of phase counts as an error as well.
            assertThat(decibels(error)).as("error in dB at %s of Nyquist", part).isLessThan(-90);
        }
    }

    @ParameterizedTest
    @CsvSource({"48000,22050", "44100,22050", "44101,22050", "96000,16000", "47999,8000"})
    void nothingIsFoldedBack(int from, int to) throws IOException {
        double nyquist = to / 2.0;
        double top = from / 2.0;
        for (double frequency : new double[] {nyquist * 1.001, nyquist * 1.1, (nyquist + top) / 2, top * 0.99}) {
            float[] result = resample(sine(frequency, from, from / 4), from, to, 4096, 4096);
            double peak = 0;
            for (int i = result.length / 4; i < result.length * 3 / 4; i++) {
                peak = Math.max(peak, Math.abs(result[i]));
            }
            assertThat(decibels(peak)).as("alias in dB of %s Hz", frequency).isLessThan(-90);
        }
    }

    @ParameterizedTest
    @CsvSource({"16000,22050", "22050,48000", "22050,44101"})
    void imagesAreRemoved(int from, int to) throws IOException {
        float[] result = resample(sine(0.85 * from / 2, from, from / 4), from, to, 4096, 4096);
        double real = 0;
        double imaginary = 0;
        double window = 0;
        for (int i = 0; i < result.length; i++) {
            double hann = 0.5 - 0.5 * Math.cos(2 * Math.PI * i / result.length);
            double angle = 2 * Math.PI * (from - 0.85 * from / 2) / to * i;
            real += hann * result[i] * Math.cos(angle);
            imaginary += hann * result[i] * Math.sin(angle);
            window += hann / 2;
        }
        assertThat(decibels(Math.hypot(real, imaginary) / window)).isLessThan(-90);
    }

    @ParameterizedTest
    @CsvSource({"1,1,1,22050", "2,3,7,44100", "30000,1,5000,22050", "30000,4999,1,22050", "12345,777,333,8000",
        "12345,100,17,24001", "9000,8999,8192,48000", "500,499,3,1000", "8192,8192,1,95999"})
    void blocksDoNotMatter(int length, int sourceBlock, int block, int to) throws IOException {
        Random random = new Random(length);
        float[] samples = new float[length];
        for (int i = 0; i < length; i++) {
            samples[i] = random.nextFloat() - 0.5f;
        }
        float[] whole = resample(samples, 24_000, to, length, 1 << 20);
        assertThat(whole).hasSize((int) Math.ceilDiv((long) length * to, 24_000L));
        assertThat(resample(samples, 24_000, to, sourceBlock, block)).containsExactly(whole);
    }

    @ParameterizedTest
    @CsvSource({"768000,1000", "1000,768000", "767999,1000"})
    void extremeRates(int from, int to) throws IOException {
        float[] ones = new float[from / 8];
        Arrays.fill(ones, 1);
        float[] result = resample(ones, from, to, 1000, 1000);
        assertThat((double) result[result.length / 2]).isBetween(0.9999, 1.0001);
    }

    /** Wherever one goes on, near or far, and at the end, as if all before had been read. */
    @ParameterizedTest
    @CsvSource({"48000,22050", "22050,48000", "44101,22050", "8000,24000"})
    void skippingIsReading(int from, int to) throws IOException {
        float[] samples = new float[5000];
        Random random = new Random(1);
        for (int i = 0; i < samples.length; i++) {
            samples[i] = random.nextFloat() - 0.5f;
        }
        float[] all = resample(samples, from, to, 700, 300);
        for (int place : new int[] {0, 1, 2, 50, 699, all.length / 2, all.length - 30, all.length - 1, all.length}) {
            for (int read : new int[] {0, 1, Math.min(place, 40)}) {
                try (AudioStream stream = new Memory(samples, from, 700).resampledTo(to)) {
                    float[] buffer = new float[all.length + 1];
                    int done = 0;
                    while (done < Math.min(read, place)) {
                        done += stream.read(buffer, 0, Math.min(read, place) - done);
                    }
                    assertThat(stream.skip(place - done)).isEqualTo(place - done);
                    int count = 0;
                    for (int got = stream.read(buffer, 0, 300); got > 0; got = stream.read(buffer, count, 300)) {
                        count += got;
                        if (count + 300 > buffer.length) {
                            buffer = Arrays.copyOf(buffer, count + 300);
                        }
                    }
                    assertThat(Arrays.copyOf(buffer, count)).isEqualTo(Arrays.copyOfRange(all, place, all.length));
                }
            }
        }
        for (int beyond : new int[] {1, 7, 5000}) {
            try (AudioStream stream = new Memory(samples, from, 700).resampledTo(to)) {
                assertThat(stream.skip(all.length + beyond)).isEqualTo(all.length);
                assertThat(stream.read(new float[1], 0, 1)).isEqualTo(-1);
            }
        }
    }
}
