// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.spark;

import aulos.engine.Backend;
import aulos.engine.Backends;
import aulos.hifigan.eval.Evaluation;
import aulos.hifigan.model.HifiGanConfig;
import aulos.hifigan.model.MelSpectrogram;
import aulos.hifigan.vocode.Vocoder;
import aulos.hifigan.vocode.Voice;
import aulos.kernels.cpu.CpuBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;

/**
 * A device of an executor with what computes on it: one for all tasks that Spark runs there, as a vocoder uses all the
 * executor's cores. A task reads and writes while others compute; who computes holds the lock.
 */
final class Studio implements AutoCloseable {
    private static final String GPU = "gpu";
    private static final Map<String, Studio> OPENED = new HashMap<>();

    final ReentrantLock lock = new ReentrantLock(true);
    final Backend backend;
    final HifiGanConfig config;
    final MelSpectrogram mel;
    /** Null if nothing is vocoded. */
    final Vocoder vocoder;
    /** Null if nothing is evaluated. */
    final Evaluation evaluation;

    private Studio(Settings settings, Backend backend) throws IOException {
        this.backend = backend;
        backend.useConvolutionPrecision(settings.computing().precision());
        config = settings.parsed();
        mel = new MelSpectrogram(config.mel(), backend);
        vocoder = settings.voice() == null ? null : voice(settings.voice()).open(backend);
        evaluation = settings.action() == Settings.Action.EVAL ? new Evaluation(config, backend) : null;
    }

    /** The one of this task's device. @param job a number of the job's own */
    static Studio of(Settings settings, long job) throws IOException {
        String device = device(settings.computing().device());
        String key = job + device;
        synchronized (OPENED) {
            Studio studio = OPENED.get(key);
            if (studio == null) {
                boolean exact = settings.computing().exact();
                Backend backend = device.equals("cpu") ? new CpuBackend(cores(settings), exact)
                        : Backends.open(device, exact);
                try {
                    studio = new Studio(settings, backend);
                } catch (IOException | RuntimeException e) {
                    backend.close();
                    throw e;
                }
                OPENED.put(key, studio);
            }
            return studio;
        }
    }

    /** With {@code auto}, the GPU that Spark gave the task, else the processor. */
    private static String device(String wanted) {
        ResourceInformation gpu = TaskContext.get().resourcesJMap().get(GPU);
        return !wanted.equals("auto") ? wanted : gpu == null ? "cpu" : "opencl:" + gpu.addresses()[0];
    }

    /** Spark tells an executor its cores on the command line only. */
    private static int cores(Settings settings) {
        if (settings.localCores() > 0) {
            return settings.localCores();
        }
        List<String> command = List.of(System.getProperty("sun.java.command", "").split(" "));
        int option = command.indexOf("--cores");
        if (option < 0) {
            throw new IllegalStateException("executor: Spark started it without --cores, expected their number");
        }
        return Integer.parseInt(command.get(option + 1));
    }

    private static Voice voice(byte[] bytes) throws IOException {
        Path file = Files.createTempFile("aulos-voice-", ".safetensors");
        try {
            return Voice.load(Files.write(file, bytes));
        } finally {
            Files.delete(file);
        }
    }

    /** Closes all of this JVM: only the driver's outlives its job. */
    static void closeAll() {
        synchronized (OPENED) {
            OPENED.values().forEach(Studio::close);
            OPENED.clear();
        }
    }

    @Override
    public void close() {
        if (vocoder != null) {
            vocoder.close();
        }
        if (evaluation != null) {
            evaluation.close();
        }
        mel.close();
        backend.close();
    }
}
