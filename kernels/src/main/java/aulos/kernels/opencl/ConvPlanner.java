// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Chooses how a convolution is computed: as the tuner measured it on this device, else what a simple model of the device
 * says, which counts whole tiles, rounds of work-groups, and trips through memory.
 */
final class ConvPlanner {
    /** A float written to or read from memory takes as long as this many multiplications of a compute unit. */
    private static final double TRAFFIC = 30;

    /** Starting another kernel, in multiplications of a compute unit of a GPU. */
    private static final double LAUNCH = 500_000;

    /** Terms that are summed in one chain if the tile does not sum in chunks: rounding grows with the chain. */
    private static final int CHAIN = 1024;

    private final DeviceInfo device;
    private final ConvTuning tuning;
    private final Map<ConvProblem, ConvPlan> plans = new HashMap<>();

    ConvPlanner(DeviceInfo device, ConvTuning tuning) {
        this.device = device;
        this.tuning = tuning;
    }

    ConvPlan plan(ConvProblem problem) {
        return plans.computeIfAbsent(problem, key -> tuning.plan(key)
                .filter(plan -> plan.tile().fits(device) && plan.tile().takes(key.precision())).orElseGet(() -> candidates(key).getFirst()));
    }

    /** Every tile with the splits that suit it best by the model, the best first. */
    List<ConvPlan> candidates(ConvProblem problem) {
        return ConvTiles.of(device, problem).stream()
                .map(tile -> plans(tile, problem).min(Comparator.comparingDouble(plan -> cost(plan, problem))).orElseThrow())
                .sorted(Comparator.comparingDouble(plan -> cost(plan, problem))).toList();
    }

    /** The ways to split the sums of a tile. */
    private static Stream<ConvPlan> plans(ConvTile tile, ConvProblem problem) {
        int least = tile.chunked() ? 1 : Math.ceilDiv(problem.rows(), CHAIN);
        int most = Math.clamp(problem.rows() / (4L * Math.max(tile.bk(), 16)), least, Math.max(least, 256));
        Stream.Builder<ConvPlan> plans = Stream.builder();
        for (int splits = least; splits <= most; splits = Math.max(splits + 1, splits * 5 / 4)) {
            plans.add(new ConvPlan(tile, splits));
        }
        return plans.build();
    }

    /** In multiplications of one compute unit. */
    private double cost(ConvPlan plan, ConvProblem p) {
        ConvTile tile = plan.tile();
        int parts = plan.parts(p.rows());
        double groups = (double) Math.ceilDiv(p.m(), tile.bm()) * Math.ceilDiv(p.n(), tile.bn()) * p.products() * parts;
        // A small group alone leaves much of a GPU's compute unit idle; several run side by side.
        int together = device.isCpu() ? 1 : Math.max(1, 256 / tile.groupSize());
        double rounds = Math.ceil(groups / (device.computeUnits() * together)) * together;
        // Tiles take whole steps, and where the next one is fetched ahead, wait for the first two.
        double rows = tile.kernel() == ConvKernel.FEW ? Math.min(p.rows(), plan.rowsPerSplit(p.rows()))
                : plan.rowsPerSplit(p.rows()) + (tile.doubleBuffer() ? 2 * tile.bk() : 0);
        // Operands are loaded once per tile and row, unless they are read where they lie; in a plain loop, once per
        // work-item.
        double loads = tile.kernel() == ConvKernel.FEW ? 2.0 / tile.tm()
                : tile.localA() ? 8.0 / tile.bm() + 8.0 / tile.bn() : 16.0 / tile.bm();
        double group = tile.bm() * (double) tile.bn() * (rows * (1 + loads) + TRAFFIC);
        double joining = parts == 1 ? 0
                : (double) p.m() * p.n() * p.products() * (parts + 1) * TRAFFIC / device.computeUnits()
                        + (device.isCpu() ? 0 : LAUNCH);
        return rounds * group + joining;
    }
}
