// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.audio.flac;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Against samples that are known, in streams that a second implementation of the format wrote: {@link Encoder}. */
@Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FlacDecoderTest {
    private static final int RATE = 22_050;

    /** All samples of each channel. */
    private static int[][] decode(byte[] stream) throws IOException {
        FlacDecoder decoder = new FlacDecoder(new ByteArrayInputStream(stream));
        int[][] samples = new int[decoder.info().channels()][0];
        while (decoder.next()) {
            for (int c = 0; c < samples.length; c++) {
                int before = samples[c].length;
                samples[c] = Arrays.copyOf(samples[c], before + decoder.size());
                System.arraycopy(decoder.channel(c), 0, samples[c], before, decoder.size());
            }
        }
        return samples;
    }

    private static void refused(Encoder encoder, String message) {
        assertThatThrownBy(() -> decode(encoder.bytes())).isInstanceOf(FlacException.class)
                .hasMessageContaining(message).hasMessageNotContaining("\n");
    }

    /** Nearly a straight line, so that residuals are small, with both extremes. */
    private static int[] ramp(int bits, int count) {
        int[] samples = new int[count];
        for (int i = 0; i < count; i++) {
            double position = (double) i / (count - 1);
            samples[i] = (int) Math.rint((position * 2 - 1) * Math.scalb(1.0, bits - 1) - position);
        }
        return samples;
    }

    private static int[] noise(int bits, int count, long seed) {
        Random random = new Random(seed);
        int[] samples = new int[count];
        for (int i = 0; i < count; i++) {
            samples[i] = i < 4 ? (i % 2 == 0 ? -1 : 0) ^ Integer.MIN_VALUE >> (32 - bits) : random.nextInt() >> (32 - bits);
        }
        return samples;
    }

    @Test
    void everySampleSizeInEveryStereoForm() throws IOException {
        for (int bits = 4; bits <= 32; bits++) {
            for (Stereo stereo : Stereo.values()) {
                int[] left = noise(bits, 40, bits);
                int[] right = noise(bits, 40, -bits);
                right[1] = left[0];
                left[1] = ~left[0];
                byte[] stream = new Encoder(RATE, 2, bits).frame(Coding.verbatim(), 0, stereo, left, right)
                        .frame(Coding.constant(), 0, stereo, new int[] {left[0], left[0]}, new int[] {~left[0], ~left[0]})
                        .bytes();
                int[][] decoded = decode(stream);
                assertThat(decoded[0]).as("%d bits, %s", bits, stereo).startsWith(left).endsWith(left[0], left[0]);
                assertThat(decoded[1]).as("%d bits, %s", bits, stereo).startsWith(right).endsWith(~left[0], ~left[0]);
            }
        }
    }

    /** The straight line's opposite makes the difference of both channels one of 33 bits where they have 32. */
    @Test
    void everyPredictionInEverySampleSize() throws IOException {
        List<Coding> codings = List.of(Coding.fixed(0), Coding.fixed(1), Coding.fixed(2), Coding.fixed(3), Coding.fixed(4),
                Coding.linear(3, 0, 2, -1), Coding.linear(15, 12, 8192, -4096), Coding.linear(15, 13, 16383, -8191),
                Coding.linear(12, 9, order(32, 9)), Coding.linear(15, 14, order(31, 14)),
                Coding.linear(15, 15, 16383, 16383, 2), Coding.linear(1, 0, -1, 0));
        for (int bits = 4; bits <= 32; bits++) {
            int[] up = ramp(bits, 320);
            int[] down = new int[up.length];
            Arrays.setAll(down, i -> ~up[i]);
            for (Stereo stereo : Stereo.values()) {
                for (Coding coding : codings) {
                    boolean crude = coding.coefficients().length == 0 || coding.precision() == 1;
                    if (crude && bits + (stereo == Stereo.INDEPENDENT ? 0 : 1) > 30) {
                        continue;
                    }
                    Coding fitting = coding.rice(1, 3, crude ? Math.max(0, bits - 2) : Math.max(0, bits - 7));
                    byte[] stream = new Encoder(RATE, 2, bits).frame(fitting, 0, stereo, up, down).bytes();
                    assertThat(decode(stream)).as("%d bits, %s, %s", bits, stereo, fitting)
                            .isDeepEqualTo(new int[][] {up, down});
                }
            }
        }
    }

    /** The mean of the sample right before and the one {@code order} before. */
    private static int[] order(int order, int shift) {
        int[] coefficients = new int[order];
        coefficients[0] = 1 << shift - 1;
        coefficients[order - 1] = (1 << shift) - coefficients[0];
        return coefficients;
    }

    /** Products that are beyond 32 bits one by one and all together, and beyond that on the way. */
    @Test
    void sumsBeyond32Bits() throws IOException {
        for (int bits : new int[] {16, 17, 20, 24, 32}) {
            int top = (int) ((1L << (bits - 1)) - 1);
            int[] samples = new int[200];
            Random random = new Random(bits);
            Arrays.setAll(samples, i -> top - random.nextInt(50));
            int[] coefficients = new int[32];
            Arrays.setAll(coefficients, i -> i % 2 == 0 ? 16_383 : -16_383);
            coefficients[31] = -16_382;
            Coding steep = Coding.linear(15, 0, coefficients).rice(1, 0, 20);
            int[] flat = new int[200];
            Arrays.fill(flat, top);
            assertThat(decode(new Encoder(RATE, 1, bits).frame(steep, flat).bytes())[0]).as("%d bits", bits)
                    .containsExactly(flat);
            Arrays.setAll(coefficients, i -> i < 16 ? 16_383 : i == 31 ? -16_368 : -16_367);
            Coding halves = Coding.linear(15, 8, coefficients).rice(1, 0, 14);
            assertThat(decode(new Encoder(RATE, 1, bits).frame(halves, samples).bytes())[0]).as("%d bits", bits)
                    .containsExactly(samples);
        }
    }

    @Test
    void residualCodes() throws IOException {
        int[] samples = noise(12, 256, 3);
        for (int method = 0; method <= 1; method++) {
            for (int partitionOrder = 0; partitionOrder <= 8; partitionOrder++) {
                for (int parameter = -1; parameter < (method == 0 ? 15 : 31); parameter++) {
                    for (int order = 0; order <= Math.min(1, 256 >> partitionOrder); order++) {
                        Coding coding = Coding.fixed(order).rice(method, partitionOrder, parameter);
                        byte[] stream = new Encoder(RATE, 1, 12).frame(coding, samples).bytes();
                        assertThat(decode(stream)[0]).as("%s", coding).containsExactly(samples);
                    }
                }
            }
        }
        int[] silence = new int[256];
        assertThat(decode(new Encoder(RATE, 1, 12).frame(Coding.fixed(2).rice(0, 3, -1), silence).bytes())[0])
                .as("an escape code of 0 bits").containsExactly(silence);
    }

    @Test
    void greatestResiduals() throws IOException {
        int[] extremes = {Integer.MIN_VALUE + 1, Integer.MAX_VALUE, 0, -1, 1, Integer.MIN_VALUE + 1, Integer.MAX_VALUE};
        for (int parameter : new int[] {28, 30}) {
            Coding coding = Coding.fixed(0).rice(1, 0, parameter);
            assertThat(decode(new Encoder(RATE, 1, 32).frame(coding, extremes).bytes())[0]).containsExactly(extremes);
        }
        int[] half = {Integer.MIN_VALUE >> 1, Integer.MAX_VALUE >> 1};
        assertThat(decode(new Encoder(RATE, 1, 32).frame(Coding.fixed(0).rice(1, 0, -1), half).bytes())[0])
                .as("an escape code of 31 bits").containsExactly(half);
    }

    @Test
    void wastedBits() throws IOException {
        for (int bits : new int[] {8, 16, 24, 32}) {
            for (int wasted = 1; wasted < bits; wasted++) {
                int[] samples = noise(bits, 64, wasted);
                for (int i = 0; i < samples.length; i++) {
                    samples[i] = samples[i] >> wasted << wasted;
                }
                int[] other = samples.clone();
                other[3] = -1 << wasted;
                for (Stereo stereo : List.of(Stereo.INDEPENDENT, Stereo.LEFT_SIDE)) {
                    byte[] stream = new Encoder(RATE, 2, bits).frame(Coding.verbatim(), wasted, stereo, samples, other)
                            .bytes();
                    assertThat(decode(stream)).as("%d bits, %d wasted", bits, wasted)
                            .isDeepEqualTo(new int[][] {samples, other});
                }
            }
        }
    }

    @Test
    void upToEightChannels() throws IOException {
        for (int channels = 1; channels <= 8; channels++) {
            int[][] samples = new int[channels][];
            Arrays.setAll(samples, c -> noise(16, 30, c));
            assertThat(decode(new Encoder(RATE, channels, 16).frame(Coding.fixed(2), samples).bytes()))
                    .isDeepEqualTo(samples);
        }
    }

    /** A block may be as short as one sample, and shorter than a prediction needs nowhere. */
    @Test
    void blockSizes() throws IOException {
        Encoder encoder = new Encoder(RATE, 1, 8);
        int total = 0;
        for (int size : new int[] {1, 2, 16, 4095, 4097, 65_535, 65_536, 3}) {
            encoder.frame(Coding.fixed(1).rice(0, 0, 7), noise(8, size, size));
            total += size;
        }
        assertThat(decode(encoder.bytes())[0]).hasSize(total);
    }

    /** Every code for a block's size, with the number of a frame that needs 1 to 7 bytes. */
    @Test
    void sizesAndNumbersInHeaders() throws IOException {
        int[] sizes = {192, 576, 1152, 2304, 4608, 200, 3000, 256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768};
        long[] numbers = {0x7f, 0x7ff, 0xffff, 0x1f_ffff, 0x3ff_ffff, 0x7fff_ffff, 0xf_ffff_ffffL};
        for (int code = 1; code <= 15; code++) {
            for (int extra = 0; extra < numbers.length; extra++) {
                Bits header = new Bits().put(0xfff9, 16).put(code, 4).put(0, 12);
                header.put(extra == 0 ? numbers[0] : 0xff00 >> (extra + 1) | numbers[extra] >> 6 * extra, 8);
                for (int more = extra - 1; more >= 0; more--) {
                    header.put(0x80 | numbers[extra] >> 6 * more & 0x3f, 8);
                }
                header.put(sizes[code - 1] - 1, code == 6 ? 8 : code == 7 ? 16 : 0);
                byte[] stream = new Encoder(RATE, 1, 16).withoutDigest()
                        .frame(header, new Bits().put(0, 8).put(-5, 16), sizes[code - 1]).bytes();
                assertThat(decode(stream)[0]).hasSize(sizes[code - 1]).containsOnly(-5);
            }
        }
    }

    @Test
    void ratesAndSampleSizesInHeaders() throws IOException {
        int[] rates = {88_200, 176_400, 192_000, 8000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000, 255_000,
            65_535, 655_350};
        for (int code = 1; code <= rates.length; code++) {
            int width = code < 12 ? 0 : code == 12 ? 8 : 16;
            int value = code == 12 ? rates[11] / 1000 : code == 14 ? rates[13] / 10 : rates[code - 1];
            Bits header = new Bits().put(0xfff8, 16).put(6, 4).put(code, 4).put(0, 16).put(9, 8).put(value, width);
            byte[] stream = new Encoder(rates[code - 1], 1, 16).withoutDigest()
                    .frame(header, new Bits().put(0, 24), 10).bytes();
            assertThat(decode(stream)[0]).hasSize(10);
        }
        int[] sizes = {0, 8, 12, 0, 16, 20, 24, 32};
        for (int code : new int[] {1, 2, 4, 5, 6, 7}) {
            Bits header = new Bits().put(0xfff8, 16).put(6, 4).put(0, 8).put(code, 3).put(0, 9).put(9, 8);
            byte[] stream = new Encoder(RATE, 1, sizes[code]).withoutDigest()
                    .frame(header, new Bits().put(0, 8).put(3, sizes[code]), 10).bytes();
            assertThat(decode(stream)[0]).containsOnly(3);
        }
    }

    /** Blocks that claim to be as long as a block can be, and a million bytes of them. */
    @Test
    void otherMetadataIsPassedOver() throws IOException {
        byte[][] blocks = new byte[100][];
        Arrays.setAll(blocks, b -> new byte[b == 50 ? 1 << 20 : b]);
        int[] samples = noise(16, 20, 1);
        assertThat(decode(new Encoder(RATE, 1, 16).frame(Coding.verbatim(), samples).bytes(blocks))[0])
                .containsExactly(samples);
        byte[] cut = new Encoder(RATE, 1, 16).bytes(new byte[1000]);
        assertThatThrownBy(() -> decode(Arrays.copyOf(cut, cut.length - 1)))
                .hasMessage("file ends inside metadata block 1");
    }

    @Test
    void bytesThatComeOneByOne() throws IOException {
        int[] samples = noise(16, 5000, 1);
        InputStream slow = new ByteArrayInputStream(new Encoder(RATE, 1, 16).frame(Coding.fixed(1), samples).bytes()) {
            @Override
            public synchronized int read(byte[] target, int offset, int count) {
                return super.read(target, offset, Math.min(count, 1));
            }
        };
        FlacDecoder decoder = new FlacDecoder(slow);
        assertThat(decoder.next()).isTrue();
        assertThat(decoder.channel(0)).startsWith(samples);
        assertThat(decoder.next()).isFalse();
    }

    @Test
    void changesOnTheWay() {
        int[] samples = new int[16];
        Encoder first = new Encoder(RATE, 1, 16).frame(Coding.constant(), samples);
        Bits stereo = new Bits().put(0xfff8, 16).put(6, 4).put(0, 4).put(1, 4).put(0, 12).put(15, 8);
        refused(first.frame(stereo, new Bits().put(0, 48), 16),
                "frame 1 has 2 channels, 16 bits, 22050 Hz, but the stream 1, 16, 22050");
        Bits rate = new Bits().put(0xfff8, 16).put(6, 4).put(9, 4).put(0, 16).put(15, 8);
        refused(new Encoder(RATE, 1, 16).frame(rate, new Bits().put(0, 24), 16),
                "frame 0 has 1 channels, 16 bits, 44100 Hz");
        Bits bits = new Bits().put(0xfff8, 16).put(6, 4).put(0, 8).put(6, 3).put(0, 9).put(15, 8);
        refused(new Encoder(RATE, 1, 16).frame(bits, new Bits().put(0, 32), 16), "frame 0 has 1 channels, 24 bits");
    }

    /** Where neither length nor digest would tell, the frames' numbers do. */
    @Test
    void aLostFrameOfAStreamOfUnknownLength() throws IOException {
        int[] samples = new int[16];
        Encoder whole = new Encoder(RATE, 1, 16).streamed();
        for (int frame = 0; frame < 3; frame++) {
            whole.frame(Coding.constant(), samples);
        }
        byte[] stream = whole.bytes();
        assertThat(decode(stream)[0]).hasSize(48);
        int frameBytes = (stream.length - 42) / 3;
        byte[] lost = Arrays.copyOf(stream, stream.length - frameBytes);
        System.arraycopy(stream, stream.length - frameBytes, lost, lost.length - frameBytes, frameBytes);
        assertThatThrownBy(() -> decode(lost)).hasMessage("frame 1 is damaged: it has number 2, expected 1 or 16");
    }

    @Test
    void faultyFrames() {
        int[] samples = new int[16];
        refused(frame(new Bits().put(0b0_000011_0, 8).put(0, 400)), "reserved type 3");
        refused(frame(new Bits().put(0b0_111111_0, 8).put(0, 800)), "a prediction from 32 samples in a block of 16");
        refused(frame(new Bits().put(0b0_001100_0, 8).put(0, 64).put(0, 2).put(15, 4).put(0, 200)),
                "a block of 16 samples has 32768 partitions and an order of 4");
        refused(frame(new Bits().put(0b0_001100_0, 8).put(0, 64).put(0, 2).put(3, 4).put(0, 200)),
                "a block of 16 samples has 8 partitions and an order of 4");
        refused(frame(new Bits().put(0b0_001000_0, 8).put(2, 2).put(0, 400)), "reserved coding 2");
        refused(frame(new Bits().put(0b0_100000_0, 8).put(0, 16).put(15, 4).put(0, 400)), "coefficients of 16 bits");
        refused(frame(new Bits().put(0b0_100000_0, 8).put(0, 16).put(5, 4).put(-1, 5).put(0, 400)), "a shift of -1");
        refused(frame(new Bits().put(0b0_000000_1, 8).unary(15).put(0, 80)), "16 of 16 bits are unused");
        refused(frame(new Bits().put(0b0_000000_1, 8).put(0, 80)), "zeros in a row");
        refused(frame(new Bits().put(0b0_001000_0, 8).raw(new byte[99_999])), "file ends inside frame 0");
        refused(frame(new Bits().put(0b0_001000_0, 8).put(1, 2).put(0, 4).put(30, 5).unary(4).put(0, 99)),
                "a residual exceeds 32 bits");
        refused(frame(new Bits().put(0b0_001000_0, 8).put(1, 2).put(0, 4).put(30, 5).put(0, 99).put(1, 40)),
                "more than 3 zeros in a row");
        refused(frame(new Bits().put(0b0_001001_0, 8).put(0x7fff, 16).put(0, 10).unary(2).put(-1, 14)),
                "a sample exceeds 16 bits");
        refused(frame(new Bits().put(0, 24).put(1, 1).put(1, 8)), "frame 0");
        refused(new Encoder(RATE, 1, 16).raw((byte) 0xff, (byte) 0xfa, (byte) 0, (byte) 0), "it begins with fffa");
        refused(new Encoder(RATE, 1, 16).streamed().frame(Coding.constant(), samples).raw((byte) 0xff, (byte) 0xf8),
                "file ends inside frame 1");
        refused(new Encoder(RATE, 1, 3).frame(Coding.constant(), samples), "has samples of 3 bits, expected 4 to 32");
    }

    private static Encoder frame(Bits subframe) {
        Encoder encoder = new Encoder(RATE, 1, 16).withoutDigest();
        return encoder.frame(encoder.header(16, Stereo.INDEPENDENT), subframe, 16);
    }

    @Test
    void everyCodeThatIsReserved() throws IOException {
        int[][] codes = {{0, 0, 0, 0}, {7, 15, 0, 0}, {7, 0, 11, 0}, {7, 0, 15, 0}, {7, 0, 0, 6}, {7, 0, 0, 1}};
        for (int[] code : codes) {
            Bits header = new Bits().put(0xfff8, 16).put(code[0], 4).put(code[1], 4).put(code[2], 4).put(code[3], 4)
                    .put(0, 8).put(15, 16);
            refused(new Encoder(RATE, 1, 16).frame(header, new Bits().put(0, 24), 16), "its header has the reserved code");
        }
        for (int first : new int[] {0x80, 0xbf, 0xff}) {
            Bits header = new Bits().put(0xfff87000, 32).put(first, 8).put(15, 16);
            refused(new Encoder(RATE, 1, 16).frame(header, new Bits().put(0, 24), 16), "its number begins with byte");
        }
        Bits header = new Bits().put(0xfff87000, 32).put(0xc2, 8).put(0x20, 8).put(15, 16);
        refused(new Encoder(RATE, 1, 16).frame(header, new Bits().put(0, 24), 16), "its number goes on with byte 20");
    }

    /** Each bit of a frame is under a checksum. */
    @Test
    void damageOfOneBit() {
        byte[] whole = new Encoder(RATE, 2, 16).withoutDigest()
                .frame(Coding.fixed(2), 0, Stereo.MID_SIDE, noise(16, 20, 1), noise(16, 20, 2)).bytes();
        for (int bit = 8 * 42; bit < 8 * whole.length; bit++) {
            byte[] damaged = whole.clone();
            damaged[bit / 8] ^= (byte) (0x80 >> bit % 8);
            assertThatThrownBy(() -> decode(damaged)).as("bit %d", bit).isInstanceOf(FlacException.class);
        }
    }

    /** Predictions beyond 32 bits in a file that another encoder wrote, which gives the samples' MD5. */
    @Test
    void overflowFileOfTheTestbench() throws IOException {
        Path file = Path.of("../../shared/data/flac/predictor-overflow-24-bit.flac");
        if (!Files.exists(file)) {
            System.err.println("SKIPPED: FLAC predictions beyond 32 bits, " + file + " is absent");
        }
        assumeThat(file).exists();
        byte[] stream = Files.readAllBytes(file);
        assertThat(new FlacDecoder(new ByteArrayInputStream(stream)).info().hasDigest()).isTrue();
        assertThat(decode(stream)[0]).hasSize(227_247);
    }
}
