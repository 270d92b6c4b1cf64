// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.serve;

import aulos.engine.NdArray;
import aulos.engine.io.Npy;
import aulos.hifigan.audio.Encoding;
import aulos.hifigan.audio.WavOutput;
import aulos.hifigan.model.Plausibility;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.sun.net.httpserver.HttpExchange;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Iterator;
import java.util.List;
import java.util.function.BiConsumer;

/** What can be asked for below {@code /api/}. */
final class Api {
    /** Header with a line for people, about a body that is vocoded all the same. */
    private static final String NOTE = "X-Aulos-Note";

    private final ServerOptions options;
    private final Devices devices;
    private final Voices voices;
    private final Metrics metrics;
    private final Reception reception;
    private final BiConsumer<String, Throwable> log;
    private final Places places;

    Api(ServerOptions options, Devices devices, Voices voices, Metrics metrics, Reception reception,
            BiConsumer<String, Throwable> log) {
        this.options = options;
        this.devices = devices;
        this.voices = voices;
        this.metrics = metrics;
        this.reception = reception;
        this.log = log;
        this.places = new Places(options.capacity(), options.receiving().most());
    }

    /** Requests with audio that are worked on now. */
    int inFlight() {
        return places.inFlight();
    }

    /** Answers with audio that wait for their readers. */
    int unread() {
        return places.unread();
    }

    /** {@code GET /api/info}: what requests can name, and their limits; in any case the default voice. */
    void info(HttpExchange exchange) throws IOException, Refusal {
        Query.of(exchange, List.of());
        JsonObject info = new JsonObject();
        JsonArray names = new JsonArray();
        try {
            voices.list().forEach(entry -> names.add(entry.name()));
        } catch (ServerFault e) {
            log.accept("while listing voices", e.getCause());
            names.add(voices.defaultEntry().name());
            info.addProperty("fault", e.getMessage());
        }
        info.add("voices", names);
        JsonArray deviceNames = new JsonArray();
        devices.list().forEach(deviceNames::add);
        info.add("devices", deviceNames);
        info.addProperty("max_seconds", options.maxSeconds());
        info.addProperty("max_bytes", options.maxBytes());
        Answer.json(exchange, 200, info);
    }

    /** {@code POST /api/vocode}: audio or a mel spectrogram in, a WAV file out, each chunk once it is computed. */
    void vocode(HttpExchange exchange) throws IOException, InterruptedException, Refusal {
        Query query = Query.of(exchange, List.of("voice", "device", "encoding"));
        Encoding encoding = encoding(query.get("encoding"));
        work(exchange, query, (device, place, studio, mel) -> {
            Plausibility.ofMel(mel).ifPresent(doubt -> note(exchange, doubt));
            Iterator<float[]> chunks = studio.vocoder.chunks(mel);
            int rate = studio.config.mel().samplingRate();
            long samples = studio.config.samples(mel.shape().dim(-1));
            WavOutput wav = null;
            while (chunks.hasNext()) {
                // Its time on the device, without its time in the queue.
                long[] nanos = {0};
                float[] chunk = device.call(() -> {
                    long start = System.nanoTime();
                    float[] audio = chunks.next();
                    nanos[0] = System.nanoTime() - start;
                    return audio;
                });
                metrics.synthesised((double) chunk.length / rate, nanos[0] * 1e-9);
                if (wav == null) {
                    exchange.getResponseHeaders().set("Content-Type", "audio/wav");
                    Wire.begin(exchange, 200, WavOutput.bytes(encoding, samples));
                    OutputStream body = place.leftWhileWriting(exchange.getResponseBody());
                    wav = new WavOutput(body, rate, encoding, samples);
                }
                wav.write(chunk);
            }
            place.leave();
            exchange.getResponseBody().close();
        });
    }

    /**
     * {@code POST /api/mel}: audio in, its log-mel spectrogram out, float32 [mels, frames]; with {@code fmax=loss} the one
     * that mel errors are measured with.
     */
    void mel(HttpExchange exchange) throws IOException, InterruptedException, Refusal {
        Query query = Query.of(exchange, List.of("voice", "device", "fmax", "samples"));
        if (query.get("fmax") != null && !query.get("fmax").equals("loss")) {
            throw new Refusal(Refusal.BAD_REQUEST, "unknown fmax, expected loss");
        }
        samples(query);
        work(exchange, query, (_, place, _, mel) -> {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            Npy.write(bytes, mel);
            place.leave();
            Answer.bytes(exchange, 200, "application/octet-stream", bytes.toByteArray());
        });
    }

    private interface Work {
        void on(Device device, Places.Place place, Studio studio, NdArray mel)
                throws IOException, InterruptedException, Refusal;
    }

    /** Receives the clip, takes a place, and works on its spectrogram. */
    private void work(HttpExchange exchange, Query query, Work work)
            throws IOException, InterruptedException, Refusal {
        Device device = devices.find(query.get("device"));
        Voices.Entry entry = voices.find(query.get("voice"));
        try {
            places.requireRoom(); // before the body comes for nothing
            try (Upload upload = reception.receive(exchange, options.maxBytes()); Places.Place place = places.take()) {
                work(exchange, new Request(device, place, entry, query), upload, work);
            }
        } catch (Places.Full full) {
            long seconds = Math.clamp((long) Math.ceil(metrics.meanSeconds()), 1, 60);
            exchange.getResponseHeaders().set("Retry-After", Long.toString(seconds));
            throw full;
        }
    }

    private record Request(Device device, Places.Place place, Voices.Entry entry, Query query) {}

    private void work(HttpExchange exchange, Request request, Upload upload, Work work)
            throws IOException, InterruptedException, Refusal {
        long start = System.nanoTime();
        try (Device.Lease lease = request.device.lease(voices, request.entry)) {
            Studio studio = lease.open();
            NdArray mel = mel(exchange, request, studio, upload);
            work.on(request.device, request.place, studio, mel);
            metrics.worked((System.nanoTime() - start) * 1e-9);
        }
    }

    /** The clip's; nobody holds the clip itself while the answer waits for its reader. */
    private NdArray mel(HttpExchange exchange, Request request, Studio studio, Upload upload)
            throws IOException, InterruptedException, Refusal {
        Clip clip = Clip.read(upload, studio.config.mel(), options.maxSeconds());
        upload.close();
        if (clip instanceof Clip.Sound sound && sound.note() != null) {
            note(exchange, sound.note());
        }
        Query query = request.query;
        return mel(request.device, studio, clip.first(samples(query)), query.get("fmax") != null);
    }

    /** A header is ASCII, whatever a reader's note quotes. */
    private static void note(HttpExchange exchange, String text) {
        exchange.getResponseHeaders().add(NOTE, text.replace("…", "...").replaceAll("[^ -~]", "?"));
    }

    private static int samples(Query query) throws Refusal {
        String samples = query.get("samples");
        if (samples == null) {
            return Integer.MAX_VALUE;
        }
        if (!samples.matches("[1-9][0-9]{0,8}")) {
            throw new Refusal(Refusal.BAD_REQUEST, "samples is no number, expected how many of the first are meant");
        }
        return Integer.parseInt(samples);
    }

    private static NdArray mel(Device device, Studio studio, Clip clip, boolean forLoss)
            throws IOException, InterruptedException, Refusal {
        try {
            NdArray mel = device.call(() -> clip.mel(forLoss ? studio::lossSpectrogram : studio::spectrogram));
            studio.vocoder.requireMel(mel);
            return mel;
        } catch (IllegalArgumentException e) {
            throw new Refusal(Refusal.BAD_REQUEST, "the body cannot be vocoded: " + e.getMessage());
        }
    }

    private static Encoding encoding(String name) throws Refusal {
        return switch (name) {
            case null -> Encoding.PCM16;
            case "pcm16" -> Encoding.PCM16;
            case "pcm24" -> Encoding.PCM24;
            case "float32" -> Encoding.FLOAT32;
            default -> throw new Refusal(Refusal.BAD_REQUEST, "unknown encoding, expected pcm16, pcm24 or float32");
        };
    }
}
