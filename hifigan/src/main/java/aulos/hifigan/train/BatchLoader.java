// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.train;

import aulos.engine.Backend;
import aulos.engine.Backends;
import aulos.hifigan.model.MelConfig;
import aulos.hifigan.model.MelSpectrogram;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Reads the batches of one epoch after the other on threads of its own, a few ahead of the training step. */
final class BatchLoader implements AutoCloseable {

    /** A spectrogram with a backend of its own, because a backend is for one thread at a time. */
    private record Worker(Backend backend, MelSpectrogram spectrogram) {}

    private final Segments segments;
    private final MelConfig mel;
    private final int batchesUsed;
    private final ExecutorService threads;
    private final ConcurrentLinkedDeque<Worker> idle = new ConcurrentLinkedDeque<>();
    private final Deque<Future<Batch>> ahead = new ArrayDeque<>();
    private long epoch;
    private int index;

    /**
     * @param batchesUsed of each epoch's batches
     * @param epoch and {@code index}: the first batch to give
     * @param threadCount how many read at the same time
     */
    BatchLoader(Segments segments, MelConfig mel, int batchesUsed, long epoch, int index, int threadCount) {
        this.segments = segments;
        this.mel = mel;
        this.batchesUsed = batchesUsed;
        this.epoch = epoch;
        this.index = index;
        this.threads = Executors.newFixedThreadPool(
                threadCount, Thread.ofPlatform().name("aulos-loader-", 0).daemon().factory());
        for (int i = 0; i <= threadCount; i++) {
            startNext();
        }
    }

    /**
     * The next batch; waits for it.
     *
     * @throws IOException if more than 1% of the clips are broken
     */
    Batch next() throws IOException {
        Future<Batch> first = ahead.remove();
        startNext();
        try {
            return first.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException cause -> throw cause;
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                default -> throw new IllegalStateException(e.getCause());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted while reading clips").initCause(e);
        }
    }

    private void startNext() {
        if (index == batchesUsed) {
            index = 0;
            epoch++;
        }
        long thisEpoch = epoch;
        int thisIndex = index++;
        ahead.add(threads.submit(() -> load(thisEpoch, thisIndex)));
    }

    private Batch load(long ofEpoch, int ofIndex) throws IOException {
        Worker worker = idle.poll();
        if (worker == null) {
            Backend backend = Backends.openOnOneThread("cpu");
            worker = new Worker(backend, new MelSpectrogram(mel, backend));
        }
        try {
            return segments.batch(ofEpoch, ofIndex, worker.spectrogram);
        } finally {
            idle.push(worker);
        }
    }

    /** Lets the batches that are being read finish, and drops them. */
    @Override
    public void close() {
        ahead.forEach(batch -> batch.cancel(false));
        threads.shutdown();
        try {
            if (threads.awaitTermination(10, TimeUnit.SECONDS)) {
                idle.forEach(worker -> {
                    worker.spectrogram.close();
                    worker.backend.close();
                });
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
