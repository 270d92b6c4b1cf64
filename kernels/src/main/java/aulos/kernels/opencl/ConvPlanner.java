// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import aulos.engine.Precision;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
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

    /** Bringing a sample of the input to local memory, in multiplications of a compute unit. */
    private static final double LOAD = 4;

    /** Warps that keep a compute unit busy, and work-items that it holds at once with many registers each. */
    private static final double BUSY = 8;

    private static final int RESIDENT = 512;

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
        return plans.computeIfAbsent(problem, key -> tuning.plan(key).filter(plan -> plan.tile().fits(device, key))
                .orElseGet(() -> untuned(key)));
    }

    private ConvPlan untuned(ConvProblem problem) {
        return toTry(problem, 1, 0).getFirst();
    }

    /** Every tile with the splits that suit it best by the model, the best first. */
    List<ConvPlan> candidates(ConvProblem problem) {
        return ConvTiles.of(device, problem).stream()
                .map(tile -> plans(tile, problem).min(Comparator.comparingDouble(plan -> cost(plan, problem))).orElseThrow())
                .sorted(Comparator.comparingDouble(plan -> cost(plan, problem))).toList();
    }

    /** The likeliest that need no proof on the device, then a few that the device may refuse or compute wrong. */
    List<ConvPlan> toTry(ConvProblem problem, int most, int unproven) {
        Map<Boolean, List<ConvPlan>> all = candidates(problem).stream()
                .collect(Collectors.partitioningBy(plan -> plan.tile().isProven()));
        return Stream.concat(all.get(true).stream().limit(most), all.get(false).stream().limit(unproven)).toList();
    }

    /** The ways to split the sums of a tile. */
    private static Stream<ConvPlan> plans(ConvTile tile, ConvProblem problem) {
        return switch (tile) {
            case DirectTile direct -> Stream.of(new ConvPlan(direct, 1));
            case MmaTile mma -> Stream.of(new ConvPlan(mma, 1));
            case WgmmaTile wgmma -> Stream.of(new ConvPlan(wgmma, 1));
            case ToomTile toom -> Stream.of(new ConvPlan(toom, 1));
            case MatrixTile matrix -> splits(matrix, problem, matrix.chunked(), matrix.bk());
            case GradientTile gradient -> splits(gradient, problem, false, gradient.tt());
            case GradientMmaTile gradient -> splits(gradient, problem, false, gradient.tt());
        };
    }

    private static Stream<ConvPlan> splits(ConvTile tile, ConvProblem problem, boolean chunked, int step) {
        int least = chunked ? 1 : Math.ceilDiv(problem.rows(), CHAIN);
        int most = Math.clamp(problem.rows() / (4L * Math.max(step, 16)), least, Math.max(least, 256));
        Stream.Builder<ConvPlan> plans = Stream.builder();
        for (int splits = least; splits <= most; splits = Math.max(splits + 1, splits * 5 / 4)) {
            plans.add(new ConvPlan(tile, splits));
        }
        return plans.build();
    }

    /** In multiplications of one compute unit. */
    private double cost(ConvPlan plan, ConvProblem p) {
        return switch (plan.tile()) {
            case DirectTile direct -> shared(direct, direct.shared(p), 1, p);
            case MmaTile mma -> shared(mma, mma.shared(p), 1.0 / (p.precision() == Precision.TF32 ? 4 : 8), p);
            case WgmmaTile wgmma -> shared(wgmma, wgmma.shared(p), 1.0 / (p.precision() == Precision.TF32 ? 6 : 10), p);
            case ToomTile toom -> cost(toom, p);
            case GradientTile gradient -> cost(gradient, plan, p);
            case GradientMmaTile gradient -> cost(gradient, plan, p);
            case MatrixTile matrix -> cost(matrix, plan, p);
        };
    }

    /**
     * Of a tile that all taps share: groups that a compute unit computes one after the other, each its multiplications, with
     * what is read from local memory for them, and what is loaded and stored.
     *
     * @param product what a multiplication takes
     */
    private double shared(ConvTile tile, SharedTile shared, double product, ConvProblem p) {
        long[] groups = shared.groups(p.geometry(), tile.bm(), tile.bn());
        double perUnit = Math.ceil((double) groups[0] * groups[1] * groups[2] / device.computeUnits());
        double rows = p.geometry().inRows() * (double) shared.form().residues();
        double area = tile.bm() * (double) tile.bn();
        double reads = 8.0 / tile.bm() + 8.0 / tile.bn() + (shared.joined() ? 0.15 : 0);
        double loads = rows * shared.width(tile.bn()) * (shared.vectors() ? 1 : 3) * LOAD;
        double group = area * (rows * shared.taps() * product * (1 + reads) + TRAFFIC * product) + loads;
        double warps = Math.min(perUnit, Math.max(1, RESIDENT / tile.groupSize())) * tile.groupSize() / ConvTile.WARP;
        return perUnit * group * Math.max(1, BUSY / warps);
    }

    /** Samples are loaded and brought to the points once for each group of taps. */
    private double cost(ToomTile tile, ConvProblem p) {
        long[] groups = tile.groups(p);
        double perUnit = Math.ceil((double) groups[0] * groups[1] * groups[2] / device.computeUnits());
        double area = tile.bm() * (double) tile.bn();
        double terms = ToomTile.terms(p);
        double taps = p.form().taps() / (double) ToomTile.groupsOfTaps(p.form());
        double reads = 4.0 / tile.bm() + 16.0 / tile.bn();
        double group = area * (terms * taps * ToomTile.share(p.form()) * (1.2 + reads) + TRAFFIC)
                + terms * tile.bn() / 4 * ToomTile.points(p.form()) * LOAD;
        double warps = Math.min(perUnit, Math.max(1, RESIDENT / tile.groupSize())) * tile.groupSize() / ConvTile.WARP;
        return perUnit * group * Math.max(1, BUSY / warps);
    }

    private double cost(GradientTile tile, ConvPlan plan, ConvProblem p) {
        int parts = plan.parts(p.rows());
        long[] groups = tile.groups(p, parts);
        double perUnit = Math.ceil((double) groups[0] * groups[1] * groups[2] / device.computeUnits());
        double reads = 4.0 / tile.columns() + 1.0 / tile.tm();
        double loads = (tile.bm() + (double) tile.groupChannels(p) * p.geometry().inStride()) * 2 * LOAD;
        double group = plan.rowsPerSplit(p.rows()) * (tile.bm() * (double) tile.bn() * (1 + reads) + loads);
        double warps = Math.min(perUnit, Math.max(1, RESIDENT / tile.groupSize())) * tile.groupSize() / ConvTile.WARP;
        return perUnit * group * Math.max(1, BUSY / warps) + joining(parts, p);
    }

    /** A result of 16 x 8 is one instruction; its operands come from local memory, 4 and 2 registers of them. */
    private double cost(GradientMmaTile tile, ConvPlan plan, ConvProblem p) {
        int samples = GradientMmaTile.samples(p);
        int parts = plan.parts(samples);
        long[] groups = tile.groups(p, parts);
        double perUnit = Math.ceil((double) groups[0] * groups[1] * groups[2] / device.computeUnits());
        double product = 1.0 / (p.precision() == Precision.TF32 ? 4 : 8);
        double reads = 0.7 * tile.mt() * (4.0 / tile.results(p) + 2.0 / (tile.mt() * tile.mt()));
        double multiplications = 16.0 * 8 * tile.results(p) * tile.groupSize() / ConvTile.WARP;
        double loads = (tile.bm() + (double) tile.groupChannels(p) * p.geometry().inStride()) * LOAD;
        double group = plan.rowsPerSplit(samples) * (multiplications * product * (1 + reads) + loads);
        double warps = Math.min(perUnit, Math.max(1, RESIDENT / tile.groupSize())) * tile.groupSize() / ConvTile.WARP;
        return perUnit * group * Math.max(1, BUSY / warps) + joining(parts, p);
    }

    /** Adding the parts of sums. */
    private double joining(int parts, ConvProblem p) {
        return parts == 1 ? 0
                : (double) p.m() * p.n() * p.products() * (parts + 1) * TRAFFIC / device.computeUnits()
                        + (device.isCpu() ? 0 : LAUNCH);
    }

    private double cost(MatrixTile tile, ConvPlan plan, ConvProblem p) {
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
        return rounds * group + joining(parts, p);
    }
}
