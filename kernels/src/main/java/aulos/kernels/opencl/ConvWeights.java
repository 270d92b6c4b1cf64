// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import aulos.engine.Backend.Operand;
import aulos.engine.ConvSpec;
import aulos.engine.Precision;

/** Weights in the order in which a tile reads them. They are kept beside the weights, so inference packs them once. */
final class ConvWeights {
    private final Queue queue;
    private final DevicePool buffers;

    /** What packed weights are told from others of the same weight by. */
    private record Packing(boolean transposed, ConvSpec spec, Precision precision, int width, int rows, int taps,
            int tapsOfGroup) {}

    ConvWeights(Queue queue, DevicePool buffers) {
        this.queue = queue;
        this.buffers = buffers;
    }

    OpenClBuffer packed(ConvProblem problem, ConvTile tile, ConvSpec spec, Operand weight) {
        ConvGeometry g = problem.geometry();
        return switch (tile) {
            case MatrixTile matrix -> kept(weight, new Packing(g.transposed(), spec, Precision.FLOAT32, matrix.bm(),
                    Math.ceilDiv(problem.rows(), matrix.bk()) * matrix.bk(), 0, 0), packing -> matrix(g, packing, weight));
            case DirectTile direct -> kept(weight, new Packing(g.transposed(), spec, Precision.FLOAT32, direct.bm(),
                    rows(problem, direct.sl() * direct.rowsOfSlice(problem)), direct.shared(problem).taps(), 0),
                    packing -> shared(problem, packing, weight));
            case GradientTile gradient -> throw new IllegalArgumentException("opencl: " + gradient + " reads no weights");
            case GradientMmaTile gradient ->
                throw new IllegalArgumentException("opencl: " + gradient + " reads no weights");
            case MmaTile mma -> kept(weight, new Packing(g.transposed(), spec, problem.precision(), mma.bm(),
                    rows(problem, mma.rowsOfStage(problem)), problem.form().taps(), 0),
                    packing -> shared(problem, packing, weight));
            case WgmmaTile wgmma -> kept(weight, new Packing(g.transposed(), spec, problem.precision(), wgmma.bm(),
                    rows(problem, wgmma.rowsOfStage(problem)), problem.form().taps(), 0),
                    packing -> shared(problem, packing, weight));
            case ToomTile toom -> kept(weight, new Packing(g.transposed(), spec, Precision.FLOAT32, toom.bm(),
                    ToomTile.terms(problem), problem.form().taps(), ToomTile.tapsOfGroup(problem.form())),
                    packing -> atPoints(problem, packing, weight));
        };
    }

    /** In fragments, for a kernel that takes all rows at once. */
    OpenClBuffer fragments(ConvProblem problem, ConvSpec spec, int rows, Operand weight) {
        return kept(weight, new Packing(problem.geometry().transposed(), spec, problem.precision(),
                problem.geometry().outRows(), rows, problem.form().taps(), 0), packing -> shared(problem, packing, weight));
    }

    /** With those that fill up the last stage. */
    private static int rows(ConvProblem problem, int rowsOfStage) {
        return Math.ceilDiv(problem.geometry().inRows() * problem.form().residues(), rowsOfStage) * rowsOfStage;
    }

    private interface Pack {
        OpenClBuffer as(Packing packing);
    }

    private OpenClBuffer kept(Operand weight, Packing packing, Pack pack) {
        OpenClBuffer buffer = (OpenClBuffer) weight.buffer();
        OpenClBuffer kept = buffer.derived(packing);
        if (kept != null) {
            return kept;
        }
        OpenClBuffer packed = pack.as(packing);
        buffers.keepDerived(buffer, packing, packed);
        return packed;
    }

    /** For {@code conv.cl}. */
    private OpenClBuffer matrix(ConvGeometry g, Packing packing, Operand weight) {
        int tiles = Math.ceilDiv(g.outRows(), packing.width);
        int products = g.outStride() * g.groups();
        OpenClBuffer packed = buffers.take(
                Math.multiplyExact(Math.multiplyExact(products, tiles * packing.width), packing.rows));
        queue.launch("conv_pack", "", "conv_pack", new long[] {(long) tiles * packing.width, packing.rows, products},
                new long[] {packing.width, 1, 1}, OpenClBackend.memory(weight), packed.memory, packing.width, tiles,
                packing.rows, g.outStride(), g.groups(), g.inRows(), g.outRows(), g.kernelSize(), g.padding(),
                g.dilation(), g.tapStep(), groupStride(g), outStride(g), inStride(g));
        return packed;
    }

    /** For {@code conv_direct.cl} and {@code conv_mma.cl}. */
    private OpenClBuffer shared(ConvProblem problem, Packing packing, Operand weight) {
        ConvGeometry g = problem.geometry();
        boolean fragments = packing.precision != Precision.FLOAT32;
        int tiles = Math.ceilDiv(g.outRows(), packing.width) * (fragments ? packing.width / 16 : 1);
        int products = g.outStride() * g.groups();
        int padded = Math.ceilDiv(g.outRows(), packing.width) * packing.width;
        int values = Math.multiplyExact(Math.multiplyExact(products, padded),
                Math.multiplyExact(packing.rows, packing.taps));
        // Two values of BF16 are a word.
        int words = packing.precision == Precision.BF16 ? values / 2 : values;
        OpenClBuffer packed = buffers.take(words);
        int[] order = order(problem, packing, tiles);
        queue.launch("conv_order", fragments ? "-DPRECISION=" + packing.precision.ordinal() : "",
                fragments ? "conv_order_fragments" : "conv_order",
                new long[] {Math.ceilDiv(words, Queue.GROUP) * (long) Queue.GROUP}, new long[] {Queue.GROUP}, order,
                packing.taps, words, OpenClBackend.memory(weight), packed.memory);
        return packed;
    }

    /** The struct Order of {@code conv_order.cl}. */
    private static int[] order(ConvProblem problem, Packing packing, int tiles) {
        ConvGeometry g = problem.geometry();
        ConvForm form = problem.form();
        return new int[] {g.outStride(), g.groups(), form.residues(), form.taps(), form.step(), form.backwards() ? 1 : 0,
            g.kernelSize(), g.padding(), g.dilation(), g.inRows(), g.outRows(), groupStride(g), outStride(g), inStride(g),
            packing.rows, tiles, packing.width};
    }

    /** For {@code conv_toom.cl}. */
    private OpenClBuffer atPoints(ConvProblem problem, Packing packing, Operand weight) {
        ConvGeometry g = problem.geometry();
        int tiles = Math.ceilDiv(g.outRows(), packing.width);
        int words = Math.multiplyExact(Math.multiplyExact(g.groups(), tiles * packing.width),
                Math.multiplyExact(packing.rows, ToomTile.points(problem.form())));
        OpenClBuffer packed = buffers.take(words);
        queue.launch("conv_order", "-DR=" + packing.tapsOfGroup, "conv_order_toom", words,
                order(problem, packing, tiles), ToomTile.groupsOfTaps(problem.form()), words,
                OpenClBackend.memory(weight), packed.memory);
        return packed;
    }

    private static int groupStride(ConvGeometry g) {
        return Math.multiplyExact(g.inRows() * g.outRows(), g.kernelSize());
    }

    private static int outStride(ConvGeometry g) {
        return g.transposed() ? g.kernelSize() : g.inRows() * g.kernelSize();
    }

    private static int inStride(ConvGeometry g) {
        return g.transposed() ? g.outRows() * g.kernelSize() : g.kernelSize();
    }
}
