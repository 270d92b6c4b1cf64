// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv;

import aulos.engine.Backend.Operand;
import aulos.engine.Backend.Reach;
import aulos.engine.ConvSpec;
import aulos.engine.Fusion;
import aulos.engine.Shape;
import aulos.kernels.cpu.conv.job.ConvJob;
import aulos.kernels.cpu.conv.job.Streamed;
import aulos.kernels.cpu.conv.job.Streamed.Sink;
import aulos.kernels.cpu.conv.layout.Plane;
import aulos.kernels.cpu.loop.Rows;
import aulos.kernels.cpu.loop.WinogradTransform;
import aulos.kernels.cpu.run.CpuBuffer;
import aulos.kernels.cpu.run.Simd;
import aulos.kernels.cpu.run.Workspace;
import aulos.kernels.cpu.run.Workspace.Scratch;
import aulos.kernels.cpu.run.Workspace.Slot;
import java.util.Arrays;
import java.util.List;

/**
 * Convolutions of stride 1 that read one another's outputs, computed piece by piece of the time axis: what one writes,
 * the next reads from the second-level cache, and the threads meet once at the end instead of after each layer. Each
 * thread has a strip of the axis and goes through it from left to right. Of signals between two layers there is never
 * more than a piece and what the next layer still reads; so a piece of a layer that comes later ends further left, by as
 * much as the layers see to the right. Where a strip begins, and where it ends, as much is computed twice.
 */
final class ConvStream {
    /** Elements of a piece, 128 KB: a few of them, with weights and transformed input, are in a 1 MB cache at a time. */
    private static final int PIECE = 32 * 1024;
    private static final int MAX_WEIGHTS = 256 * 1024;
    /** A layer computes a sixth of a strip twice at most, and the layers on average half as much. */
    private static final int MIN_REACHES = 3;
    private static final int MAX_GRID = 64;

    /**
     * One convolution.
     *
     * @param reach of what it reads from another layer; its grid is a power of two
     * @param input the layer whose output it reads, −1 for the job's own, a whole signal, maybe of another length
     * @param residuals the layers whose outputs are added, −1 for the job's own at the same place
     * @param outlives whether the output is needed after the stream
     */
    record Layer(ConvJob job, Streamed algorithm, Reach reach, int input, int[] residuals, boolean outlives) {
        int weights() {
            return job.weightShape().size();
        }

        int channels() {
            return job.out().shape().dim(1);
        }
    }

    private final Workspace space;
    private final List<Layer> layers;
    private final int length;
    /** Pieces and strips begin at multiples of this. */
    private final int grid;
    private final int piece;
    private final int strip;
    /** How far left of a strip, and right of a piece, each layer's outputs are needed. */
    private final int[] left;
    private final int[] right;

    ConvStream(Workspace space, List<Layer> layers, int length) {
        this.space = space;
        this.layers = layers;
        this.length = length;
        left = new int[layers.size()];
        right = new int[layers.size()];
        grid = layers.stream().mapToInt(layer -> layer.reach.grid()).max().orElse(1);
        for (int i = layers.size() - 1; i >= 0; i--) {
            Layer layer = layers.get(i);
            need(layer.input, left[i] + layer.reach.before(), right[i] + layer.reach.after());
            for (int residual : layer.residuals) {
                need(residual, left[i], right[i]);
            }
        }
        int widest = layers.stream().mapToInt(Layer::channels).max().orElse(1);
        piece = aligned(PIECE / widest, grid * WinogradTransform.WIDTH);
        strip = aligned(Math.ceilDiv(length, space.pool().threads()), grid);
    }

    private void need(int layer, int before, int after) {
        if (layer >= 0) {
            left[layer] = Math.max(left[layer], aligned(before, grid));
            right[layer] = Math.max(right[layer], aligned(after, Math.max(grid, Simd.WIDTH)));
        }
    }

    private static int aligned(int columns, int step) {
        return Math.ceilDiv(columns, step) * step;
    }

    /**
     * Whether a transposed convolution of x [B, C, T] to y [B, C', T'] can be the first layer. A strip of y has to come from a
     * strip of x, so T' is a multiple of T, as it is unless kernel − stride is odd.
     */
    static boolean canBegin(ConvSpec spec, Shape x, Shape y) {
        return x.dim(0) == 1 && spec.groups() == 1 && MAX_GRID % spec.stride() == 0
                && y.dim(2) == x.dim(2) * spec.stride();
    }

    /** Whether the layers should be computed together, and can be. */
    boolean pays() {
        // Each piece has all weights pass through the cache: of wide layers that is more than what passes between them.
        int weights = layers.stream().mapToInt(Layer::weights).sum();
        int twice = Arrays.stream(left).max().orElse(0) + Arrays.stream(right).max().orElse(0);
        return layers.size() > 1 && weights <= MAX_WEIGHTS && strip >= MIN_REACHES * twice
                && layers.stream().noneMatch(this::readsWhatOutlives);
    }

    /** Another thread may not have written it yet. */
    private boolean readsWhatOutlives(Layer layer) {
        return layer.input >= 0 && layers.get(layer.input).outlives
                || Arrays.stream(layer.residuals).anyMatch(i -> i >= 0 && layers.get(i).outlives);
    }

    void run() {
        space.pool().run(Math.ceilDiv(length, strip), (index, worker) ->
                runStrip(worker, index * strip, Math.min((index + 1) * strip, length)));
    }

    private void runStrip(int worker, int first, int last) {
        Streamed.Stretches[] stretches = stretches(worker);
        int[] done = new int[stretches.length];
        Arrays.setAll(done, i -> Math.max(0, first - left[i]));
        for (int front = first; front < last;) {
            front = Math.min(front + piece, last);
            for (int i = 0; i < done.length; i++) {
                int end = Math.min(length, front + right[i]);
                // An odd remainder comes first, for all that follow to be whole pieces; what is off the grid comes last.
                int n = (end - done[i]) % piece / grid * grid;
                while (done[i] < end) {
                    boolean odd = done[i] == Math.max(0, first - left[i]) && n > 0;
                    int to = odd ? done[i] + n : Math.min(done[i] + piece, end);
                    stretches[i].run(worker, done[i], to);
                    done[i] = to;
                }
            }
        }
    }

    private Streamed.Stretches[] stretches(int worker) {
        int[] pitch = new int[layers.size()];
        int[] base = new int[layers.size()];
        int size = Scratch.ORIGIN;
        for (int i = 0; i < pitch.length; i++) {
            if (!layers.get(i).outlives) {
                // An odd number of cache lines, lest channels compete for the same few sets.
                pitch[i] = Scratch.oddLines(piece + left[i] + right[i]);
                base[i] = size;
                size += pitch[i] * layers.get(i).channels();
            }
        }
        float[] rings = space.scratch().array(worker, Slot.STREAM, size);
        Plane[] planes = new Plane[pitch.length];
        Streamed.Stretches[] stretches = new Streamed.Stretches[pitch.length];
        for (int i = 0; i < pitch.length; i++) {
            Layer layer = layers.get(i);
            planes[i] = layer.outlives ? Plane.whole(layer.job.output(), length)
                    : new Plane(rings, base[i], pitch[i], length);
            Plane x = layer.input < 0 ? Plane.whole(layer.job.x(), layer.job.inShape().dim(2)) : planes[layer.input];
            Plane[] residuals = new Plane[layer.residuals.length];
            List<Operand> own = layer.job.residuals();
            Arrays.setAll(residuals, r -> layer.residuals[r] < 0 ? Plane.whole(CpuBuffer.values(own.get(r)), length)
                    : planes[layer.residuals[r]]);
            stretches[i] = layer.algorithm.on(
                    piece, x.source(layer.job.inputSlope()), sink(planes[i], residuals, layer.job.fusion()));
        }
        return stretches;
    }

    /** Does what is fused behind the sums, residuals one after another, and stores them. */
    private static Sink sink(Plane y, Plane[] residuals, Fusion fusion) {
        float scale = (float) fusion.scale();
        int last = residuals.length - 1;
        return (channel, from, line, at, count) -> {
            int n;
            for (int done = 0; done < count; done += n) {
                int column = (int) from + done;
                n = Math.min(count - done, y.run(column));
                for (Plane residual : residuals) {
                    n = Math.min(n, residual.run(column));
                }
                int sums = at + done;
                for (int i = 0; i < last; i++) {
                    Rows.add(residuals[i].values(), residuals[i].place(channel, column), line, sums, 1, line, sums, n);
                }
                int place = y.place(channel, column);
                if (last >= 0) {
                    Rows.add(residuals[last].values(), residuals[last].place(channel, column), line, sums, scale,
                            y.values(), place, n);
                } else {
                    scale(line, sums, scale, y.values(), place, n);
                }
                if (fusion.tanh()) {
                    Rows.tanh(y.values(), place, n);
                }
            }
        };
    }

    private static void scale(float[] line, int at, float scale, float[] y, int place, int count) {
        if (scale == 1) {
            System.arraycopy(line, at, y, place, count);
            return;
        }
        for (int i = 0; i < count; i++) {
            y[place + i] = line[at + i] * scale;
        }
    }
}
