// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import java.util.List;

/**
 * How the clips of an epoch, in their order, divide into steps. A place in an epoch is the number of its clips that were
 * used, so that it still means something when clips are taken in other numbers.
 *
 * @param clips in an epoch
 * @param batchSize clips in a batch
 * @param accumulate batches in a step
 * @param order differs if the same place in an epoch would mean other clips
 * @param orderOfBatches what version 0.1 told orders apart by: it differs for other batches of the same clips, too
 */
record EpochPlan(int clips, int batchSize, int accumulate, long order, long orderOfBatches) {

    /** @param seed of the orders */
    static EpochPlan of(List<Clip> clips, int batchSize, int accumulate, long seed) {
        int batches = batches(clips.size(), batchSize, accumulate);
        return new EpochPlan(clips.size(), batchSize, accumulate, hash(seed, clips),
                hash(31 * (31 * seed + batchSize) + batches, clips));
    }

    private static long hash(long start, List<Clip> clips) {
        long hash = start;
        for (Clip clip : clips) {
            hash = 31 * hash + clip.id().hashCode();
        }
        return hash;
    }

    private static int batches(int clips, int batchSize, int accumulate) {
        return clips / batchSize / accumulate * accumulate;
    }

    /** Those of all complete batches that make complete steps; the rest stand elsewhere in the next epoch's order. */
    int batches() {
        return batches(clips, batchSize, accumulate);
    }

    int steps() {
        return batches() / accumulate;
    }

    /** Where an epoch begins. */
    Position start(long epoch) {
        return new Position(epoch, 0, order);
    }

    /** The batch of its epoch that comes next. */
    int batch(Position position) {
        return position.clips() / batchSize;
    }

    /** Behind the step that begins at {@code position}. */
    Position after(Position position) {
        return at(position.epoch(), (long) position.clips() + (long) batchSize * accumulate);
    }

    /**
     * The first step of the epoch that uses none of the first {@code clipsUsed} clips again, or the next epoch's first if
     * there is none.
     */
    Position at(long epoch, long clipsUsed) {
        long step = (long) batchSize * accumulate;
        long next = Math.ceilDiv(clipsUsed, step) * step;
        return next < (long) batches() * batchSize ? new Position(epoch, (int) next, order) : start(epoch + 1);
    }
}
