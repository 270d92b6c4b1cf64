// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.serve;

import aulos.engine.Backend;
import aulos.engine.Backends;
import aulos.engine.Precision;
import aulos.hifigan.vocode.Voice;
import java.io.IOException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * A backend and the one thread that may use it. Requests hand it jobs of a chunk or so, which it does in the order they
 * come: so requests advance side by side, a slow reader holds nobody up, and there are never more jobs than requests.
 * The backend is opened by the first job; the voices used last stay loaded.
 */
final class Device implements AutoCloseable {
    /** Voices that stay loaded, of at most 0.1 GB or so each. */
    private static final int LOADED = 3;
    private static final int CLOSE_SECONDS = 30;

    private final String name;
    private final Precision precision;
    private final ExecutorService thread;
    private final Map<Voices.Entry, Studio> studios = new LinkedHashMap<>(LOADED + 1, 0.75f, true);
    private Backend backend;

    /** @param name as in {@code --device} */
    Device(String name, Precision precision) {
        this.name = name;
        this.precision = precision;
        this.thread = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().daemon().name("aulos-serve-" + name).factory());
    }

    String name() {
        return name;
    }

    /**
     * Runs a job on the device's thread and waits for it. After an interrupt the job does not begin if it has not yet.
     *
     * @throws Refusal that the job throws, or if the server is closing
     */
    <T> T call(Callable<T> job) throws IOException, InterruptedException, Refusal {
        Future<T> future;
        try {
            future = thread.submit(job);
        } catch (RejectedExecutionException e) {
            throw new Refusal(Refusal.UNAVAILABLE, "the server is shutting down");
        }
        try {
            return future.get();
        } catch (InterruptedException e) {
            future.cancel(false);
            throw e;
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case Refusal refusal -> throw refusal;
                case IOException io -> throw io;
                case RuntimeException runtime -> throw runtime;
                case Error error -> throw error;
                default -> throw new IllegalStateException(e.getCause());
            }
        }
    }

    private Backend backend() {
        if (backend == null) {
            Backend opened = Backends.open(name);
            try {
                opened.useConvolutionPrecision(precision);
            } catch (IllegalStateException e) {
                opened.close();
                throw e;
            }
            backend = opened;
        }
        return backend;
    }

    /** A request's use of a voice: {@link #open} it, and close it in any case. */
    Lease lease(Voices voices, Voices.Entry entry) {
        return new Lease(voices, entry);
    }

    final class Lease implements AutoCloseable {
        private final Voices voices;
        private final Voices.Entry entry;
        private Studio studio;

        private Lease(Voices voices, Voices.Entry entry) {
            this.voices = voices;
            this.entry = entry;
        }

        /** The voice, loaded if it is not yet; meanwhile the device works for others. */
        Studio open() throws IOException, InterruptedException, Refusal {
            Studio loaded = call(() -> {
                if (!studios.containsKey(entry)) {
                    requireRoom();
                    return null;
                }
                return taken();
            });
            if (loaded != null) {
                return loaded;
            }
            Voice voice = voices.load(entry);
            return call(() -> {
                if (!studios.containsKey(entry)) {
                    makeRoom();
                    studios.put(entry, new Studio(voice, backend()));
                }
                return taken();
            });
        }

        private Studio taken() {
            studio = studios.get(entry);
            studio.users++;
            return studio;
        }

        /** Does not wait; comes after the opening, even one that nobody waited for any more. */
        @Override
        public void close() {
            try {
                thread.execute(() -> {
                    if (studio != null) {
                        studio.users--;
                    }
                });
            } catch (RejectedExecutionException closed) {
                // Closing the device closes its studios, whoever uses them.
            }
        }
    }

    private void requireRoom() throws Refusal {
        if (studios.size() >= LOADED && studios.values().stream().allMatch(studio -> studio.users > 0)) {
            throw new Refusal(Refusal.UNAVAILABLE, LOADED + " other voices are in use now, try again later");
        }
    }

    /** Closes the voice that has gone unused for longest, if there are enough. */
    private void makeRoom() throws Refusal {
        requireRoom();
        for (Iterator<Studio> oldest = studios.values().iterator(); studios.size() >= LOADED && oldest.hasNext();) {
            Studio studio = oldest.next();
            if (studio.users == 0) {
                studio.close();
                oldest.remove();
            }
        }
    }

    /** Finishes the jobs that wait, then frees everything. */
    @Override
    public void close() {
        thread.execute(() -> {
            studios.values().forEach(Studio::close);
            studios.clear();
            if (backend != null) {
                backend.close();
            }
        });
        thread.shutdown();
        try {
            if (!thread.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("device " + name + " is still busy after " + CLOSE_SECONDS + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
