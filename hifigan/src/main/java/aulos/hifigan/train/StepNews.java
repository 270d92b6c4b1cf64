// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import aulos.hifigan.train.ranks.Ranks;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** What ranks tell each other after a step: its losses on their parts of the batch, and which clips they found broken. */
final class StepNews {
    private final Ranks ranks;
    private final List<Clip> clips;
    private final ClipProblems problems;
    private final BitSet told = new BitSet();

    StepNews(Ranks ranks, List<Clip> clips, ClipProblems problems) {
        this.ranks = ranks;
        this.clips = clips;
        this.problems = problems;
    }

    /**
     * The losses over the whole batch. All ranks call it.
     *
     * @throws IOException if more than 1% of the clips are broken
     */
    StepLosses share(StepLosses mine) throws IOException {
        if (ranks.count() == 1) {
            return mine;
        }
        List<StepLosses> parts = new ArrayList<>();
        for (byte[] news : ranks.gather(encode(mine))) {
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(news));
            parts.add(new StepLosses(list(in), list(in), list(in), list(in), in.readDouble(), in.readDouble(),
                    in.readDouble(), in.readDouble()));
            for (int left = in.readInt(); left > 0; left--) {
                int clip = in.readInt();
                told.set(clip);
                problems.foundElsewhere(clips.get(clip));
            }
        }
        return StepLosses.mean(parts);
    }

    private byte[] encode(StepLosses losses) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        for (List<Double> values : List.of(losses.discriminatorMpd(), losses.discriminatorMsd(),
                losses.adversarialMpd(), losses.adversarialMsd())) {
            out.writeInt(values.size());
            for (double value : values) {
                out.writeDouble(value);
            }
        }
        out.writeDouble(losses.featureMpd());
        out.writeDouble(losses.featureMsd());
        out.writeDouble(losses.melError());
        out.writeDouble(losses.stft());
        List<Integer> broken = newlyBroken();
        out.writeInt(broken.size());
        for (int clip : broken) {
            out.writeInt(clip);
        }
        return bytes.toByteArray();
    }

    private List<Integer> newlyBroken() {
        List<Integer> broken = new ArrayList<>();
        for (int i = 0; i < clips.size() && problems.count() > told.cardinality(); i++) {
            if (!told.get(i) && problems.isBroken(clips.get(i))) {
                broken.add(i);
            }
        }
        return broken;
    }

    private static List<Double> list(DataInputStream in) throws IOException {
        List<Double> values = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            values.add(in.readDouble());
        }
        return values;
    }
}
