// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import aulos.engine.Precision;
import com.google.gson.TypeAdapter;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.util.Arrays;

/** How a work-group computes its share of a convolution: one of the kernels, with its tunables. */
sealed interface ConvTile permits MatrixTile, DirectTile, MmaTile, WgmmaTile, ToomTile, GradientTile, GradientMmaTile {
    /** Work-items that share the fragments of a tensor core, and that GPUs run in step. */
    int WARP = 32;

    /** Height of the tile: channels of the output. */
    int bm();

    /** Width of the tile. */
    int bn();

    int groupSize();

    /** Bytes of local memory for a problem; {@code Integer.MAX_VALUE} and more if it cannot be. */
    long localBytes(ConvProblem problem);

    /** Whether it can compute in a precision. */
    boolean takes(Precision precision);

    /** Whether some GPU has shown that it is right and quick; others are for the tuner alone, which sees for itself. */
    default boolean isProven() {
        return true;
    }

    /** Whether the kernel is the one for problems of this kind. */
    boolean isFor(ConvProblem problem);

    /** Whether a device can run it on a problem. */
    default boolean fits(DeviceInfo device, ConvProblem problem) {
        return groupSize() <= device.maxGroupSize() && isFor(problem) && takes(problem.precision())
                && localBytes(problem) <= device.localMemory();
    }

    /** Checks a value of a tile. */
    static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException("opencl: a tile of a convolution " + otherwise);
        }
    }

    /**
     * A tile from its {@code toString}, a name and its numbers, as in {@code direct 16 8 4 8 8 2 128}.
     *
     * @throws IllegalArgumentException if it is none
     */
    static ConvTile parse(String text) {
        String[] words = text.split(" ");
        int[] v;
        try {
            v = Arrays.stream(words).skip(1).mapToInt(Integer::parseInt).toArray();
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("opencl: '" + text + "' is no tile of a convolution", e);
        }
        return switch (words[0] + " " + v.length) {
            case "direct 7" -> new DirectTile(v[0], v[1], v[2], v[3], v[4], v[5], v[6]);
            case "mma 6" -> new MmaTile(v[0], v[1], v[2], v[3], v[4], v[5]);
            case "wgmma 2" -> new WgmmaTile(v[0], v[1]);
            case "toom 3" -> new ToomTile(v[0], v[1], v[2]);
            case "gradient 5" -> new GradientTile(v[0], v[1], v[2], v[3], v[4]);
            case "gradient-mma 6" -> new GradientMmaTile(v[0], v[1], v[2], v[3], v[4], v[5]);
            case "taps 12" -> MatrixTile.of(ConvKernel.TAPS, v);
            case "weight 12" -> MatrixTile.of(ConvKernel.WEIGHT, v);
            case "few 12" -> MatrixTile.of(ConvKernel.FEW, v);
            default -> throw new IllegalArgumentException("opencl: '" + text + "' is no tile of a convolution");
        };
    }

    /** Tiles in JSON: their text. */
    final class Adapter extends TypeAdapter<ConvTile> {
        @Override
        public void write(JsonWriter out, ConvTile tile) throws IOException {
            out.value(tile.toString());
        }

        @Override
        public ConvTile read(JsonReader in) throws IOException {
            return parse(in.nextString());
        }
    }
}
