// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.spark;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * Frames of a clip that are computed in one go: all of a short one.
 *
 * @param first of the frames
 * @param count how many; 0 of a broken clip
 */
record Piece(Clip clip, long first, int count) implements Serializable {

    /** Cuts a clip into ranges of {@code range} frames. */
    static List<Piece> cut(Clip clip, int range) {
        if (clip.error() != null) {
            return List.of(new Piece(clip, 0, 0));
        }
        List<Piece> pieces = new ArrayList<>();
        for (long first = 0; first < clip.frames(); first += range) {
            pieces.add(new Piece(clip, first, (int) Math.min(range, clip.frames() - first)));
        }
        return pieces;
    }

    /** Gathers pieces to groups of about {@code seconds} of audio; each piece counts as one second more, for its file. */
    static List<List<Piece>> group(List<Piece> pieces, double seconds) {
        List<List<Piece>> groups = new ArrayList<>();
        List<Piece> group = new ArrayList<>();
        double sum = 0;
        for (Piece piece : pieces) {
            double weight = piece.seconds() + 1;
            if (!group.isEmpty() && sum + weight > seconds) {
                groups.add(group);
                group = new ArrayList<>();
                sum = 0;
            }
            group.add(piece);
            sum += weight;
        }
        if (!group.isEmpty()) {
            groups.add(group);
        }
        return groups;
    }

    boolean isWhole() {
        return count == clip.frames();
    }

    double seconds() {
        return count == 0 ? 0 : clip.seconds() * count / clip.frames();
    }
}
