// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import aulos.engine.NdArray;
import aulos.engine.Scope;
import aulos.engine.Tape;
import aulos.engine.Tensor;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The losses of a step, still on the device: reading one waits for all the work before it, so they are read together, when
 * the step is made. Lists hold one scalar for each sub-discriminator; {@code feature} MPD's and MSD's, {@code
 * reconstruction} the mel error and the weighted STFT loss.
 */
record PendingLosses(Judged judged, List<Tensor> adversarialMpd, List<Tensor> adversarialMsd, List<Tensor> feature,
        List<Tensor> reconstruction) {

    /** The discriminators' losses. */
    record Judged(List<Tensor> mpd, List<Tensor> msd) {
        private Stream<Tensor> all() {
            return Stream.concat(mpd.stream(), msd.stream());
        }

        Judged keptBy(Scope scope) {
            all().forEach(scope::keep);
            return this;
        }
    }

    private Stream<Tensor> all() {
        return Stream.of(judged.all(), adversarialMpd.stream(), adversarialMsd.stream(), feature.stream(),
                reconstruction.stream()).flatMap(losses -> losses);
    }

    /** Hands all but the discriminators' to the enclosing scope. */
    PendingLosses keptBy(Scope scope) {
        all().skip(judged.all().count()).forEach(scope::keep);
        return this;
    }

    /** Copies them to the host, in one piece. */
    StepLosses read() {
        NdArray values;
        try (Scope scope = Scope.open()) {
            values = Tape.paused(() -> Tensor.concat(0, all().map(loss -> loss.reshape(1)).toArray(Tensor[]::new)))
                    .toArray();
        }
        int mpd = judged.mpd.size();
        int msd = judged.msd.size();
        int features = 2 * (mpd + msd);
        return new StepLosses(part(values, 0, mpd), part(values, mpd, msd), part(values, mpd + msd, mpd),
                part(values, 2 * mpd + msd, msd), values.get(features), values.get(features + 1),
                values.get(features + 2), values.get(features + 3));
    }

    private static List<Double> part(NdArray values, int from, int count) {
        return IntStream.range(from, from + count).mapToObj(values::get).toList();
    }
}
