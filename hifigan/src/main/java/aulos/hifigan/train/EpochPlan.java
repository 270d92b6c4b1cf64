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
 */
record EpochPlan(int clips, int batchSize, int accumulate, long order) {

    /** @param seed of the orders */
    static EpochPlan of(List<Clip> clips, int batchSize, int accumulate, long seed) {
        long order = seed;
        for (Clip clip : clips) {
            order = 31 * order + clip.id().hashCode();
        }
        return new EpochPlan(clips.size(), batchSize, accumulate, order);
    }

    /** Those of all complete batches that make complete steps; the rest stand elsewhere in the next epoch's order. */
    int batches() {
        return clips / batchSize / accumulate * accumulate;
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
