// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import aulos.engine.NdArray;
import aulos.engine.Tensor;
import aulos.hifigan.train.ranks.Ranks;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/**
 * Averages gradients over ranks while the backward pass goes on. They are sent in buckets, as soon as a bucket is full: one
 * message for each gradient would wait longer than it travels, and one for all would begin only when the pass has ended.
 */
final class RankExchange implements GradientExchange {
    /** Elements of a bucket, 16 MiB; a larger gradient makes a bucket of its own. */
    private static final int BUCKET = 1 << 22;

    private final Ranks ranks;
    private final List<Integer> places = new ArrayList<>();
    private final List<NdArray> values = new ArrayList<>();
    private final List<Future<?>> sent = new ArrayList<>();
    private final List<Integer> waiting = new ArrayList<>();
    private final List<Tensor> bucket = new ArrayList<>();
    private long elements;
    private long waitedNanos;

    RankExchange(Ranks ranks) {
        this.ranks = ranks;
    }

    @Override
    public void ready(int index, Tensor gradient) {
        waiting.add(index);
        bucket.add(gradient);
        elements += gradient.shape().size();
        if (elements >= BUCKET) {
            send();
        }
    }

    private void send() {
        List<NdArray> arrays = bucket.stream().map(Tensor::toArray).toList();
        places.addAll(waiting);
        values.addAll(arrays);
        sent.add(ranks.mean(arrays.stream().map(NdArray::floats).toList()));
        waiting.clear();
        bucket.clear();
        elements = 0;
    }

    @Override
    public List<Tensor> mean(List<Tensor> gradients) {
        if (!bucket.isEmpty()) {
            send();
        }
        long began = System.nanoTime();
        sent.forEach(RankExchange::await);
        waitedNanos += System.nanoTime() - began;
        Tensor[] means = new Tensor[gradients.size()];
        for (int i = 0; i < places.size(); i++) {
            means[places.get(i)] = Tensor.of(gradients.getFirst().backend(), values.get(i));
        }
        places.clear();
        values.clear();
        sent.clear();
        return List.of(means);
    }

    /** How long it has waited for means when nothing was left to compute. */
    double secondsWaited() {
        return waitedNanos / 1e9;
    }

    private static void await(Future<?> means) {
        try {
            means.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("averaging gradients: " + e.getCause().getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while averaging gradients", e);
        }
    }
}
