// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.cpu.conv.bilinear;

import aulos.engine.Backend.Reach;
import aulos.engine.ConvSpec;
import aulos.engine.Shape;
import aulos.kernels.cpu.conv.job.ConvAlgorithm;
import aulos.kernels.cpu.conv.job.ConvJob;
import aulos.kernels.cpu.conv.job.ConvJob.Epilogue;
import aulos.kernels.cpu.conv.job.Streamed;
import aulos.kernels.cpu.conv.job.Streamed.Sink;
import aulos.kernels.cpu.conv.job.Streamed.Source;
import aulos.kernels.cpu.conv.layout.Plane;
import aulos.kernels.cpu.conv.layout.SegmentedInput;
import aulos.kernels.cpu.conv.layout.TapGeometry;
import aulos.kernels.cpu.loop.WinogradForm;
import aulos.kernels.cpu.loop.WinogradTransform;
import aulos.kernels.cpu.run.WorkerPool;
import aulos.kernels.cpu.run.Workspace.Scratch;

/** Runs {@link WinogradStretch} over the time axis of a whole batch, a task for each stretch. */
public final class WinogradConvolution {
    private static final int TILE = WinogradForm.TILE;
    private static final int WIDTH = WinogradTransform.WIDTH;
    /** Transformed input of a task, in floats: half of a 1 MB L2 cache. */
    private static final int TRANSFORMED = 128 * 1024;
    /** As much may be there of interleaved signals together. */
    private static final int MAX_TOGETHER = 192 * 1024;
    /** A task with more parts would do little but transform its input. */
    private static final int MAX_PARTS = 4;
    /** What transforming a tile costs, in output channels: they cost a product for each input channel. */
    private static final int TRANSFORM = 16;
    /** What gathering for a stretch costs beyond its length, in tiles. */
    private static final int OVERHEAD = 8;

    /**
     * Where transforms cost less than the multiplications they save: as many channels out as in, which is where residual
     * blocks spend their time. Fewer channels than here, and on two threads the direct kernel is as fast or faster: of 32
     * channels and 3 taps, 215 GFLOP/s against 189, of 16, 135 against 154; of 16 and 7 taps, 211 against 195. 5 and 6 taps
     * waste three or two of eight: 128 channels, 193 against 207, 64, 219 against 198; V3 as a whole 116 → 110 ms on one
     * thread (docs/performance.md, Winograd).
     */
    public static final ConvAlgorithm ALGORITHM = new ConvAlgorithm() {
        @Override
        public boolean suits(ConvSpec spec, Shape weight, boolean transposed) {
            int channels = weight.dim(0);
            int taps = weight.dim(2);
            boolean pays = switch (taps) {
                case 3 -> channels >= 32;
                case 5, 6 -> channels >= 16 && channels <= 64;
                default -> taps > 6 && channels >= 16;
            };
            return spec.stride() == 1 && spec.groups() == 1 && weight.dim(1) == channels && pays
                    && channels <= 256 && WinogradForm.handles(taps) && WinogradStretch.handles(spec.dilation());
        }

        @Override
        public Reach reach(ConvSpec spec, int kernelSize) {
            return WinogradStretch.reach(spec, kernelSize);
        }

        @Override
        public void run(ConvJob job) {
            new WinogradConvolution(job).run();
        }

        @Override
        public boolean streams() {
            return true;
        }

        @Override
        public Streamed streamed(ConvJob job) {
            WinogradWeights weights = new WinogradWeights(job);
            return (maxColumns, source, sink) ->
                    new Stretches(job.space().scratch(), weights, maxColumns, source, sink);
        }
    };

    private final WorkerPool pool;
    private final TapGeometry geometry;
    private final Epilogue epilogue;
    private final float[] output;
    private final WinogradStretch stretch;
    private final int signals;
    /** From one segment of the batch to the next on the time axis of one signal: a multiple of 8. */
    private final int period;
    /** Tiles of one signal that a task computes, those before included. */
    private int tiles;
    /** In how many the output channels are divided. */
    private int parts;

    private WinogradConvolution(ConvJob job) {
        pool = job.space().pool();
        WinogradWeights weights = new WinogradWeights(job);
        geometry = weights.geometry;
        WinogradForm form = weights.form;
        int dilation = weights.dilation;
        epilogue = job.epilogue();
        output = job.output();
        signals = Integer.lowestOneBit(dilation);
        period = period(geometry, dilation, signals, form.span());
        int perTile = form.points() * geometry.inRows;
        boolean together = geometry.batch == 1 && perTile * WIDTH * signals <= MAX_TOGETHER;
        divide(Math.max(TRANSFORMED / (together ? perTile * signals : perTile), WIDTH), WinogradStretch.before(dilation));
        Plane whole = Plane.whole(job.x(), geometry.inLength);
        float slope = job.inputSlope();
        Source source = together ? whole.source(slope) : new SegmentedInput(job.x(), job.inShape(), period, slope);
        stretch = new WinogradStretch(job.space().scratch(), weights, tiles, together, source, this::put);
    }

    /** So far apart that no tile with outputs in one segment reads another; the bits of one do not depend on others. */
    private static int period(TapGeometry geometry, int dilation, int signals, int span) {
        long reads = geometry.inLength - geometry.minShift + (long) dilation * (TILE - 1);
        long writes = geometry.columns + geometry.minShift + (long) dilation * (span - 1);
        return Math.toIntExact(Math.ceilDiv(Math.max(reads, writes), TILE * signals) * TILE);
    }

    /** Samples of one signal from the first output to the last, gaps between segments included. */
    private long length() {
        return (geometry.batch - 1L) * period + Math.ceilDiv(geometry.columns, signals);
    }

    /**
     * Chooses the tiles of a task, and in how many parts the output channels are divided, so that all threads have as much
     * to do and little of it twice: each part transforms the input anew.
     */
    private void divide(int fitting, int before) {
        long needed = Math.ceilDiv(length(), TILE);
        long bestCost = Long.MAX_VALUE;
        for (int divisor = 1; divisor <= Math.min(pool.threads(), MAX_PARTS); divisor++) {
            int rows = rows(divisor);
            for (int count = WIDTH; count <= fitting; count += WIDTH) {
                long tasks = Math.ceilDiv(needed, count - before) * Math.ceilDiv(geometry.outRows, rows);
                long cost = Math.ceilDiv(tasks, pool.threads()) * (count + OVERHEAD) * (TRANSFORM + rows);
                if (cost < bestCost) {
                    tiles = count;
                    parts = Math.ceilDiv(geometry.outRows, rows);
                    bestCost = cost;
                }
            }
        }
    }

    /** Output channels of a part: whole blocks of the micro-tile. */
    private int rows(int divisor) {
        int block = WinogradTransform.tile(geometry.outRows).rows();
        return Math.ceilDiv(geometry.outRows, divisor * block) * block;
    }

    private void run() {
        int step = tiles - stretch.before;
        int rows = rows(parts);
        int tasks = Math.toIntExact(Math.ceilDiv(length(), step * TILE)) * parts;
        pool.run(tasks, (index, worker) -> {
            int from = index % parts * rows;
            stretch.run(worker, new WinogradStretch.Span(index / parts * (long) step - stretch.before, tiles, from,
                    Math.min(from + rows, geometry.outRows), null, null));
        });
    }

    /** Moves outputs of a channel to where they belong, without the gaps between segments. */
    private void put(int channel, long from, float[] line, int lineAt, int stretch) {
        long segments = (long) period * signals;
        int n;
        for (int done = 0; done < stretch; done += n) {
            int column = (int) ((from + done) % segments);
            int segment = (int) ((from + done) / segments);
            boolean gap = column >= geometry.columns;
            n = (int) Math.min(stretch - done, (gap ? segments : geometry.columns) - column);
            if (!gap && segment < geometry.batch) {
                int at = (segment * geometry.outRows + channel) * geometry.outLength + column;
                System.arraycopy(line, lineAt + done, output, at, n);
                if (!epilogue.isEmpty()) {
                    epilogue.apply(output, at, n);
                }
            }
        }
    }

    /** {@link WinogradStretch} as a {@code ConvStream} wants it. */
    private static final class Stretches implements Streamed.Stretches {
                private final WinogradStretch stretch;
        private final Sink sink;
        /** Columns of a tile, of all signals. */
        private final int grid;
        private final int rows;
        private float[] carry;
        private int from;
        private int to;

        Stretches(Scratch scratch, WinogradWeights weights, int maxColumns, Source source, Sink sink) {
            grid = WinogradForm.TILE * Integer.lowestOneBit(weights.dilation);
            stretch = new WinogradStretch(scratch, weights, Math.ceilDiv(maxColumns, WIDTH * grid) * WIDTH + WIDTH, true, source,
                    this::put);
            this.sink = sink;
            rows = weights.geometry.outRows;
        }

        /** Whole vectors of tiles end where the stretch does, and may begin before it: the next one is then whole, too. */
        @Override
        public void run(int worker, int from, int to) {
            this.from = from;
            this.to = to;
            int tiles = Math.ceilDiv(to - from, grid);
            if (carry == null) {
                carry = stretch.carry();
                int whole = Math.ceilDiv(tiles + stretch.before, WIDTH) * WIDTH;
                stretch.run(worker, new WinogradStretch.Span(Math.ceilDiv(to, grid) - whole, whole, 0, rows, null, carry));
            } else {
                int whole = Math.ceilDiv(tiles, WIDTH) * WIDTH;
                stretch.run(worker, new WinogradStretch.Span(from / grid, whole, 0, rows, carry, carry));
            }
        }

        /** What is outside comes from samples that are not there yet, or not any more. */
        private void put(int channel, long first, float[] line, int at, int count) {
            long begin = Math.max(first, from);
            int n = (int) (Math.min(first + count, to) - begin);
            if (n > 0) {
                sink.put(channel, begin, line, at + (int) (begin - first), n);
            }
        }
    }
}
