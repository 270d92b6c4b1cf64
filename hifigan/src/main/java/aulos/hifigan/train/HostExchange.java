// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import aulos.engine.NdArray;
import aulos.engine.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Phaser;

/**
 * Averages gradients through the host's memory, always adding in the order of the replicas, so that all of them get the
 * same bits. Each replica runs in a thread of its own and averages its share of the tensors.
 */
final class HostExchange {
    /** Elements that each replica holds on the host at a time. */
    private static final int PIECE = 1 << 24;

    private final Phaser phaser;
    private final List<List<NdArray>> brought = new ArrayList<>();
    private NdArray[] means;

    HostExchange(int replicas) {
        phaser = new Phaser(replicas);
        for (int i = 0; i < replicas; i++) {
            brought.add(List.of());
        }
    }

    /** Another replica failed, which has an exception of its own. */
    static final class Abandoned extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /** The exchange as one replica sees it. */
    GradientExchange of(int replica) {
        return gradients -> {
            List<Tensor> result = new ArrayList<>();
            int from = 0;
            while (from < gradients.size()) {
                int to = from;
                for (long elements = 0; to < gradients.size() && (to == from || elements < PIECE); to++) {
                    elements += gradients.get(to).shape().size();
                }
                result.addAll(exchange(replica, gradients.subList(from, to)));
                from = to;
            }
            return result;
        };
    }

    /** Lets those that wait, or will, fail with {@link Abandoned}. */
    void abandon() {
        phaser.forceTermination();
    }

    private List<Tensor> exchange(int replica, List<Tensor> gradients) {
        brought.set(replica, gradients.stream().map(Tensor::toArray).toList());
        if (replica == 0) {
            means = new NdArray[gradients.size()];
        }
        await();
        NdArray[] shared = means;
        for (int i = replica; i < shared.length; i += brought.size()) {
            int index = i;
            shared[i] = mean(brought.stream().map(arrays -> arrays.get(index)).toList());
        }
        await();
        return Arrays.stream(shared).map(mean -> Tensor.of(gradients.getFirst().backend(), mean)).toList();
    }

    private void await() {
        if (phaser.arriveAndAwaitAdvance() < 0) {
            throw new Abandoned();
        }
    }

    private static NdArray mean(List<NdArray> arrays) {
        NdArray first = arrays.getFirst();
        if (first.isDouble()) {
            double[] sum = first.doubles().clone();
            for (NdArray array : arrays.subList(1, arrays.size())) {
                double[] values = array.doubles();
                for (int i = 0; i < sum.length; i++) {
                    sum[i] += values[i];
                }
            }
            Arrays.setAll(sum, i -> sum[i] / arrays.size());
            return NdArray.of(first.shape(), sum);
        }
        float[] sum = first.floats().clone();
        for (NdArray array : arrays.subList(1, arrays.size())) {
            float[] values = array.floats();
            for (int i = 0; i < sum.length; i++) {
                sum[i] += values[i];
            }
        }
        for (int i = 0; i < sum.length; i++) {
            sum[i] /= arrays.size();
        }
        return NdArray.of(first.shape(), sum);
    }
}
