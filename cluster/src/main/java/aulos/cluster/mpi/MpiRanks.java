// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.mpi;

import aulos.hifigan.train.ranks.Ranks;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The processes that mpirun has started. */
final class MpiRanks implements Ranks {
    private static final long FINALIZE_SECONDS = 10;

    private final MpiThread thread;
    private final Mpi mpi;
    private final Averaging averaging;
    private final Staging sent = new Staging();
    private final Staging received = new Staging();
    private Watch watch;
    private long averagedBytes;
    private long sentBytes;
    private long busyNanos;
    private long means;

    MpiRanks(MpiThread thread, Mpi mpi, boolean halfPrecision) {
        this.thread = thread;
        this.mpi = mpi;
        this.averaging = halfPrecision ? new HalfAveraging() : new Averaging.Full();
    }

    void watchedBy(Watch of) {
        watch = of;
    }

    @Override
    public int rank() {
        return mpi.rank();
    }

    @Override
    public int count() {
        return mpi.count();
    }

    @Override
    public List<byte[]> gather(byte[] mine) {
        List<byte[]> all = new ArrayList<>();
        MpiThread.await(thread.submit(open -> {
            byte[] length = ByteBuffer.allocate(Integer.BYTES).putInt(mine.length).array();
            int[] lengths = equal(open, length).stream().mapToInt(bytes -> ByteBuffer.wrap(bytes).getInt()).toArray();
            int longest = Arrays.stream(lengths).max().orElseThrow();
            List<byte[]> padded = equal(open, Arrays.copyOf(mine, longest));
            for (int i = 0; i < lengths.length; i++) {
                all.add(Arrays.copyOf(padded.get(i), lengths[i]));
            }
        }));
        return all;
    }

    /** Of the same length everywhere. */
    private List<byte[]> equal(Mpi open, byte[] mine) {
        MemorySegment from = sent.of(mine.length);
        MemorySegment to = received.of((long) mine.length * open.count());
        MemorySegment.copy(mine, 0, from, ValueLayout.JAVA_BYTE, 0, mine.length);
        open.gather(from, mine.length, to);
        List<byte[]> all = new ArrayList<>();
        for (int i = 0; i < open.count(); i++) {
            all.add(to.asSlice((long) i * mine.length, mine.length).toArray(ValueLayout.JAVA_BYTE));
        }
        return all;
    }

    @Override
    public void broadcast(float[] values) {
        MpiThread.await(thread.submit(open -> {
            int bytes = Math.multiplyExact(values.length, Float.BYTES);
            MemorySegment buffer = sent.of(bytes);
            if (open.rank() == 0) {
                MemorySegment.copy(values, 0, buffer, ValueLayout.JAVA_FLOAT, 0, values.length);
            }
            open.broadcast(buffer, bytes);
            MemorySegment.copy(buffer, ValueLayout.JAVA_FLOAT, 0, values, 0, values.length);
        }));
    }

    @Override
    public Future<?> mean(List<float[]> arrays) {
        return thread.submit(open -> {
            long began = System.nanoTime();
            sentBytes += averaging.mean(open, arrays);
            busyNanos += System.nanoTime() - began;
            averagedBytes += arrays.stream().mapToLong(array -> (long) array.length * Float.BYTES).sum();
            means++;
        });
    }

    @Override
    public void say(String line) {
        watch.say(line);
    }

    @Override
    public String summary() {
        String[] line = new String[1];
        MpiThread.await(thread.submit(open -> line[0] = String.format(Locale.ROOT,
                "%d ranks averaged %.1f MB of gradients in %d messages; each sent %.1f MB in %.2f s",
                open.count(), averagedBytes / 1e6, means, sentBytes / 1e6, busyNanos / 1e9)));
        return line[0];
    }

    @Override
    public void abandon(String message) {
        watch.failed(message);
    }

    @Override
    public void close() {
        gather(new byte[0]);
        watch.close();
        Future<?> closed = thread.submit(Mpi::close);
        try {
            closed.get(FINALIZE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            // It was told to stop, and the launcher that MPI says goodbye to is gone. All is saved.
        }
    }
}
