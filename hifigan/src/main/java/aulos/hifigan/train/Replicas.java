// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import aulos.engine.Backend;
import aulos.engine.NdArray;
import aulos.engine.Scope;
import aulos.engine.Shape;
import aulos.engine.Tensor;
import aulos.hifigan.model.HifiGanConfig;
import aulos.hifigan.model.MelSpectrogram;
import aulos.hifigan.train.ranks.Ranks;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The same networks on each of several devices. Each takes its part of every batch; gradients are averaged, so all make
 * the same optimiser steps and stay the same. With one device this is the plain step.
 */
final class Replicas implements AutoCloseable {
    private record Replica(Backend backend, Networks networks, MelSpectrogram lossMel, TrainingStep step) {}

    private final List<Replica> replicas = new ArrayList<>();
    private final HostExchange exchange;
    private final RankExchange rankExchange;
    private final ExecutorService threads;
    private final long adversarialFrom;

    /**
     * Copies the networks to all backends but the first.
     *
     * @param first on the first backend, and not closed
     * @param backends each used by one thread at a time, and not closed
     * @param ranks average their gradients too; with several there is one backend
     */
    Replicas(HifiGanConfig config, TrainingOptions options, Networks first, List<Backend> backends, Ranks ranks) {
        adversarialFrom = options.adversarialFrom();
        exchange = new HostExchange(backends.size());
        rankExchange = new RankExchange(ranks);
        threads = Executors.newFixedThreadPool(Math.max(1, backends.size() - 1),
                Thread.ofPlatform().name("aulos-replica-", 1).daemon().factory());
        try {
            for (Backend backend : backends) {
                boolean isFirst = replicas.isEmpty();
                Networks networks = isFirst ? first : first.copy(config, options.discriminatorWidth(), backend);
                MelSpectrogram lossMel = new MelSpectrogram(config.mel(), config.training().fmaxForLoss(), backend);
                GradientExchange mean = ranks.count() > 1 ? rankExchange
                        : backends.size() == 1 ? GradientExchange.ALONE : exchange.of(replicas.size());
                replicas.add(new Replica(backend, networks, lossMel, new TrainingStep(networks.generator(),
                        networks.mpd(), networks.msd(), lossMel, networks.generatorOptimiser(),
                        networks.discriminatorOptimiser(), options.clipNorm(), options.stftWeight(), mean)));
            }
        } catch (RuntimeException | OutOfMemoryError e) {
            close();
            throw e;
        }
    }

    void startEpoch(long epoch) {
        replicas.forEach(replica -> replica.networks.startEpoch(epoch));
    }

    /**
     * One step on all devices.
     *
     * @param batches their sizes are multiples of the number of devices
     * @param number of the step, from 0
     * @return the losses over all of each batch
     */
    StepLosses step(List<Batch> batches, long number) {
        List<Future<StepLosses>> others = new ArrayList<>();
        for (int i = 1; i < replicas.size(); i++) {
            int index = i;
            others.add(threads.submit(() -> step(index, batches, number)));
        }
        List<StepLosses> losses = new ArrayList<>();
        Throwable failure = null;
        try {
            losses.add(step(0, batches, number));
        } catch (RuntimeException | OutOfMemoryError e) {
            failure = e;
        }
        for (Future<StepLosses> other : others) {
            try {
                losses.add(other.get());
            } catch (ExecutionException e) {
                failure = failure == null || failure instanceof HostExchange.Abandoned ? e.getCause() : failure;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted in a training step", e);
            }
        }
        return switch (failure) {
            case null -> losses.size() == 1 ? losses.getFirst() : StepLosses.mean(losses);
            case RuntimeException cause -> throw cause;
            case Error cause -> throw cause;
            default -> throw new IllegalStateException(failure);
        };
    }

    private StepLosses step(int index, List<Batch> batches, long number) {
        Replica replica = replicas.get(index);
        try (Scope scope = Scope.open()) {
            List<Tensor> mels = batches.stream().map(batch -> part(replica, index, batch.mel())).toList();
            List<Tensor> audios = batches.stream().map(batch -> part(replica, index, batch.audio())).toList();
            return number < adversarialFrom ? replica.step.runWithoutDiscriminators(mels, audios)
                    : replica.step.run(mels, audios);
        } catch (RuntimeException | Error e) {
            exchange.abandon();
            throw e;
        }
    }

    /** How long the steps have waited for other ranks, in seconds. */
    double secondsWaited() {
        return rankExchange.secondsWaited();
    }

    /** Of the first axis, the part of one replica. */
    private Tensor part(Replica replica, int index, NdArray whole) {
        if (replicas.size() == 1) {
            return Tensor.of(replica.backend, whole);
        }
        Shape shape = whole.shape().with(0, whole.shape().dim(0) / replicas.size());
        float[] values = Arrays.copyOfRange(whole.floats(), index * shape.size(), (index + 1) * shape.size());
        return Tensor.of(replica.backend, NdArray.of(shape, values));
    }

    /** Frees all but the first networks. */
    @Override
    public void close() {
        threads.shutdown();
        for (int i = 0; i < replicas.size(); i++) {
            replicas.get(i).lossMel.close();
            if (i > 0) {
                replicas.get(i).networks.close();
            }
        }
    }
}
