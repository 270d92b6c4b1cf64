// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import aulos.engine.nn.Layer;
import aulos.engine.nn.Parameter;
import aulos.hifigan.train.ranks.Ranks;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Holds all ranks to the same weights, to the last bit: where they have drifted apart, their mean gradients mean nothing. */
final class SameWeights {
    private static final long BASIS = 0xcbf29ce484222325L;
    private static final long PRIME = 0x100000001b3L;

    private SameWeights() {}

    /**
     * Compares a hash of each parameter over all ranks. All call it.
     *
     * @throws IllegalStateException on all of them, naming the first parameter that differs
     */
    static void check(Ranks ranks, Networks networks, long step) {
        if (ranks.count() == 1) {
            return;
        }
        List<Parameter> all = new ArrayList<>();
        for (Layer model : List.of(networks.generator(), networks.mpd(), networks.msd())) {
            all.addAll(model.state());
        }
        ByteBuffer hashes = ByteBuffer.allocate(all.size() * Long.BYTES);
        all.forEach(parameter -> hashes.putLong(hash(parameter.tensor().toArray().floats())));
        List<byte[]> everyone = ranks.gather(hashes.array());
        for (int i = 0; i < all.size(); i++) {
            for (int rank = 1; rank < everyone.size(); rank++) {
                if (at(everyone.get(rank), i) != at(everyone.getFirst(), i)) {
                    throw new IllegalStateException("after step " + step + " the weights of rank " + rank
                            + " differ from those of rank 0, first in " + all.get(i).name()
                            + ", expected the same bits on all: a device that computes differently?"
                            + " This step's checkpoint was not written");
                }
            }
        }
    }

    private static long at(byte[] hashes, int index) {
        return ByteBuffer.wrap(hashes).getLong(index * Long.BYTES);
    }

    /** FNV-1a over words. */
    static long hash(float[] values) {
        long hash = BASIS;
        for (float value : values) {
            hash = (hash ^ Float.floatToRawIntBits(value)) * PRIME;
        }
        return hash;
    }
}
