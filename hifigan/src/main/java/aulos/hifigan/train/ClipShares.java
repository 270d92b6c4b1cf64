// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import aulos.hifigan.train.ranks.Ranks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** Which rank validates which clip, and the mean over all clips, added in their order whoever validated them. */
final class ClipShares {
    private final Ranks ranks;
    private final List<Clip> clips;
    private final ClipProblems problems;

    ClipShares(Ranks ranks, List<Clip> clips, ClipProblems problems) {
        this.ranks = ranks;
        this.clips = clips;
        this.problems = problems;
    }

    boolean isMine(int clip) {
        return owner(clip) == ranks.rank();
    }

    /** Rank 0 has the first clips, as it logs how they sound. */
    private int owner(int clip) {
        return clip < RunLog.CLIPS_HEARD ? 0 : clip % ranks.count();
    }

    /**
     * All ranks call it.
     *
     * @param errors of the clips; those of other ranks are not looked at
     * @param known false for a broken clip
     * @throws IOException if more than 1% of the clips are broken
     */
    double mean(double[] errors, boolean[] known) throws IOException {
        ByteBuffer mine = ByteBuffer.allocate(errors.length * (Double.BYTES + 1));
        for (int i = 0; i < errors.length; i++) {
            mine.put((byte) (known[i] ? 1 : 0)).putDouble(errors[i]);
        }
        List<byte[]> all = ranks.gather(mine.array());
        double sum = 0;
        int count = 0;
        for (int i = 0; i < errors.length; i++) {
            ByteBuffer from = ByteBuffer.wrap(all.get(owner(i))).position(i * (Double.BYTES + 1));
            if (from.get() != 0) {
                sum += from.getDouble();
                count++;
            } else if (!isMine(i)) {
                problems.foundElsewhere(clips.get(i));
            }
        }
        return sum / count;
    }
}
