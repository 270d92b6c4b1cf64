// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import aulos.engine.NdArray;
import aulos.hifigan.io.PyTorchFile;
import aulos.hifigan.model.TrainingConfig;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * All numbers of a checkpoint, downloaded and found to be finite before the first of its files is written.
 *
 * @param generator its state dict
 * @param average of the generator's weights, or null
 * @param rest what the do_ file holds
 */
record Snapshot(Map<String, NdArray> generator, Map<String, NdArray> average, Map<Object, Object> rest) {

    /**
     * @param average null for none
     * @param step the number of the last step made
     * @param slim whether the moments of the discriminators' optimiser are left out
     * @throws BadNumbers if a weight or moment is not finite; names it
     */
    static Snapshot of(Networks networks, MovingAverage average, TrainingConfig training, long step, long epoch,
            boolean slim) {
        Map<String, NdArray> generator = networks.generator().stateDict();
        requireFinite("generator", generator);
        Map<String, NdArray> averages = average == null ? null : average.stateDict();
        requireFinite("moving average", averages);
        Map<Object, Object> rest = Checkpoint.rest(networks, training, step, epoch, slim);
        rest.forEach((key, value) -> requireFinite(String.valueOf(key), value));
        return new Snapshot(generator, averages, rest);
    }

    private static void requireFinite(String place, Object tree) {
        switch (tree) {
            case Map<?, ?> map -> map.forEach((key, value) -> requireFinite(place + "." + key, value));
            case List<?> list -> {
                for (int i = 0; i < list.size(); i++) {
                    requireFinite(place + "." + i, list.get(i));
                }
            }
            case NdArray array -> {
                for (float value : array.floats()) {
                    if (!Float.isFinite(value)) {
                        throw new BadNumbers(place + " holds " + value + ", expected finite values");
                    }
                }
            }
            case null, default -> { }
        }
    }

    /** In an order in which the files are no checkpoint until the last of them is there. */
    void write(RunFolder folder, long step, Position position) throws IOException {
        position.write(folder.position(step));
        if (average != null) {
            Checkpoint.writeGenerator(folder.average(step), average);
        }
        PyTorchFile.write(folder.rest(step), rest);
        Checkpoint.writeGenerator(folder.generator(step), generator);
    }
}
