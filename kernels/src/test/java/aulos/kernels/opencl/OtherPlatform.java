// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import aulos.engine.Precision;
import aulos.engine.op.OpCases;
import aulos.engine.reference.ReferenceBackend;
import aulos.kernels.OpCasesContract;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A program that compares op cases on the first OpenCL device with the reference. Argument: {@code all}, or {@code few},
 * which is one row of each op; then how many of the tiles for GPUs are tried, in every precision that they take; if it
 * is more than there are, a pair of convolutions too.
 */
final class OtherPlatform {
    /** Bytes of local memory that what stands in for tensor cores takes beside the tile. */
    private static final int EXCHANGE = 8 << 10;

    private OtherPlatform() {}

    public static void main(String[] args) {
        DeviceInfo device = DeviceInfo.all().getFirst();
        System.out.println(device);
        Set<String> seen = new HashSet<>();
        List<OpCases.Case> rows = OpCases.all().stream()
                .filter(row -> args[0].equals("all") || seen.add(row.op().name())).toList();
        try (OpenClBackend backend = new OpenClBackend(0, device)) {
            rows.forEach(row -> OpCasesContract.compare(row, backend));
        }
        int tiles = Integer.parseInt(args[1]);
        for (int i = 0; i < Math.min(tiles, ConvTiles.gpu().size()); i++) {
            // A small step through the list that meets every kind early.
            int at = i * 7 % ConvTiles.gpu().size();
            for (Precision precision : Precision.values()) {
                run(device, ConvTiles.gpu().get(at), precision, i);
            }
        }
        if (tiles > ConvTiles.gpu().size()) {
            new ResidualPairTest().onePassHasTheBitsOfTwo(Precision.BF16, 32, 149, 3, 1);
        }
        System.out.println(rows.size() + " op cases right");
    }

    private static void run(DeviceInfo device, ConvTile tile, Precision precision, int number) {
        if (!tile.takes(precision)) {
            return;
        }
        try (OpenClBackend backend = new OpenClBackend(0, device, ProgramFiles.usual(),
                problem -> new ConvPlan(tile, 1))) {
            backend.emulateConvolutionPrecision(precision);
            List<ConvLayer> layers = Stream.concat(ConvCases.ways().stream(), Stream.of(ConvCases.weight()))
                    .filter(layer -> tile.isFor(layer.problem(precision)))
                    .filter(layer -> tile.localBytes(layer.problem(precision)) + EXCHANGE <= device.localMemory()).toList();
            if (!layers.isEmpty()) {
                ConvLayer layer = layers.get(number % layers.size());
                double[] expected = ConvCases.run(new ReferenceBackend(), layer, ConvCases::fiveBits).doubles();
                double[] found = ConvCases.run(backend, layer, ConvCases::fiveBits).doubles();
                // By fewer products numbers of five bits are rounded too.
                if (tile instanceof ToomTile ? !close(found, expected) : !Arrays.equals(found, expected)) {
                    System.out.println(tile + " in " + precision + " is wrong on " + layer);
                }
            }
        }
    }

    private static boolean close(double[] found, double[] expected) {
        double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
        return IntStream.range(0, expected.length).allMatch(i -> Math.abs(found[i] - expected[i]) <= 5e-6 * largest);
    }
}
