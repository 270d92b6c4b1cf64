// SPDX-License-Identifier: Apache-2.0
package aulos.hifigan.serve;

import aulos.engine.io.Container;
import aulos.hifigan.vocode.Voice;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;

/**
 * The voices that requests may name: the default one and the generators in one folder. A name is only ever compared
 * with those of the files that are there, so none leads out of the folder; nor may a symbolic link. Voices are read by
 * threads of their own, so that a slow one delays only those who wait for it.
 */
final class Voices implements AutoCloseable {
    /** Of a folder with more files than these, the rest is not looked at. */
    private static final int MOST = 1000;
    private static final int LOADERS = 2;

    /** Reads a checkpoint, with the configuration in it or beside it. */
    interface Loader {
        Voice load(Path checkpoint) throws IOException;
    }

    private final String defaultName;
    private final Voice defaultVoice;
    private final Path folder;
    private final Loader loader;
    private final BiConsumer<String, Throwable> log;
    private final Map<Entry, FutureTask<Voice>> loading = new ConcurrentHashMap<>();
    private final ExecutorService loaders = Executors.newFixedThreadPool(
            LOADERS, Thread.ofPlatform().daemon().name("aulos-serve-loader-", 0).factory());
    /** Files that were left out, so that each is said once. */
    private final Set<Path> leftOut = ConcurrentHashMap.newKeySet();

    /**
     * A voice that can be loaded.
     *
     * @param file null for the default voice
     * @param identity of the file and of the configuration beside it: another when one of them has changed
     */
    record Entry(String name, Path file, List<Object> identity) {}

    /** @param folder null for none */
    Voices(String defaultName, Voice defaultVoice, Path folder, Loader loader, BiConsumer<String, Throwable> log) {
        this.defaultName = defaultName;
        this.defaultVoice = defaultVoice;
        this.folder = folder;
        this.loader = loader;
        this.log = log;
    }

    Entry defaultEntry() {
        return new Entry(defaultName, null, List.of());
    }

    /**
     * The default one first, then those that the folder holds now and that can be read, by name.
     *
     * @throws ServerFault if the folder itself cannot be read
     */
    List<Entry> list() throws ServerFault {
        List<Entry> entries = new ArrayList<>();
        if (folder != null) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, Voices::mayBeGenerator)) {
                for (Path file : files) {
                    if (entries.size() < MOST && isReadableCheckpoint(file)) {
                        entries.add(entry(file));
                    }
                }
            } catch (DirectoryIteratorException | IOException e) {
                throw new ServerFault("the folder of voices cannot be read now", e);
            }
            entries.removeIf(entry -> entry.name.equals(defaultName));
            entries.sort((a, b) -> a.name.compareTo(b.name));
        }
        entries.addFirst(defaultEntry());
        return entries;
    }

    /** What cannot be read is left out, and said once. */
    private boolean isReadableCheckpoint(Path file) {
        try {
            if (leadsOut(file)) {
                leaveOut(file, file + " is no voice here: it leads out of " + folder, null);
                return false;
            }
            boolean checkpoint = isCheckpoint(file);
            leftOut.remove(file);
            return checkpoint;
        } catch (IOException e) {
            if (Files.exists(file)) { // or it has just been removed
                leaveOut(file, "a voice is left out", e);
            }
            return false;
        }
    }

    private void leaveOut(Path file, String message, IOException reason) {
        if (leftOut.size() < MOST && leftOut.add(file)) {
            log.accept(message, reason);
        }
    }

    /**
     * The voice of that name, the default one for null.
     *
     * @throws Refusal if there is none
     * @throws ServerFault if the folder or the voice cannot be read now
     */
    Entry find(String name) throws ServerFault, Refusal {
        if (name == null || name.equals(defaultName)) {
            return defaultEntry();
        }
        if (folder != null) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, Voices::mayBeGenerator)) {
                for (Path file : files) {
                    if (file.getFileName().toString().equals(name) && !leadsOut(file) && isCheckpoint(file)) {
                        return entry(file);
                    }
                }
            } catch (DirectoryIteratorException | IOException e) {
                throw new ServerFault("this voice cannot be read now", e);
            }
        }
        throw new Refusal(Refusal.NOT_FOUND, "there is no such voice, /api/info lists those there are");
    }

    private Entry entry(Path file) {
        List<Object> identity = new ArrayList<>();
        identify(file, identity);
        identify(file.resolveSibling("config.json"), identity);
        return new Entry(file.getFileName().toString(), file, List.copyOf(identity));
    }

    /** A file that is written over may keep its size and its time, but not the time of its last change of any kind. */
    private static void identify(Path file, List<Object> identity) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            identity.add(attributes.size());
            identity.add(attributes.lastModifiedTime());
            identity.add(String.valueOf(attributes.fileKey()));
            if (file.getFileSystem().supportedFileAttributeViews().contains("unix")) {
                identity.add(Files.getAttribute(file, "unix:ctime"));
            }
        } catch (IOException e) {
            identity.add("absent"); // loading it says so
        }
    }

    /**
     * The voice; whoever asks while it is being loaded waits for the same.
     *
     * @throws Refusal if the server is shutting down
     * @throws ServerFault if it cannot be read now, is damaged, or does not say what generator it is
     * @throws InterruptedException if the request's time is up; loading goes on
     */
    Voice load(Entry entry) throws IOException, InterruptedException, Refusal {
        if (entry.file == null) {
            return defaultVoice;
        }
        FutureTask<Voice> mine = new FutureTask<>(() -> {
            try {
                return read(entry);
            } finally {
                loading.remove(entry); // before anybody knows how it ended, so that who asks next does not get an old fault
            }
        });
        FutureTask<Voice> task = loading.computeIfAbsent(entry, _ -> mine);
        if (task == mine) {
            try {
                loaders.execute(mine);
            } catch (RejectedExecutionException e) {
                throw new Refusal(Refusal.UNAVAILABLE, "the server is shutting down");
            }
        }
        try {
            return task.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case Refusal refusal -> throw new Refusal(refusal.status(), refusal.getMessage());
                case IOException io -> throw io;
                case RuntimeException runtime -> throw runtime;
                case Error error -> throw error;
                default -> throw new IllegalStateException(e.getCause());
            }
        }
    }

    private Voice read(Entry entry) throws ServerFault {
        try {
            for (Path file : List.of(entry.file, entry.file.resolveSibling("config.json"))) {
                if (Files.exists(file) && leadsOut(file)) {
                    throw new IOException(file + ": leads out of " + folder);
                }
            }
            return loader.load(entry.file);
        } catch (IOException e) {
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof FileSystemException) {
                    throw new ServerFault("the voice " + entry.name + " cannot be read now", e);
                }
            }
            // The client named a voice that was listed: whatever is wrong with it is wrong here.
            throw new ServerFault("the voice " + entry.name + " cannot be loaded: "
                    + String.valueOf(e.getMessage()).replace(folder + "/", "").replace(folder.toString(), "the folder"), e);
        }
    }

    private boolean leadsOut(Path file) throws IOException {
        return Files.isSymbolicLink(file) && !file.toRealPath().startsWith(folder.toRealPath());
    }

    /** Discriminators and optimisers, which training leaves beside its generators, are a gigabyte of something else. */
    private static boolean mayBeGenerator(Path file) {
        String name = file.getFileName().toString();
        return !name.startsWith(".") && !name.startsWith("do_") && Files.isRegularFile(file);
    }

    private static boolean isCheckpoint(Path file) throws IOException {
        return switch (Container.of(file)) {
            case ZIP, LEGACY, SAFETENSORS -> true;
            case NPY, NPZ, UNKNOWN -> false;
        };
    }

    /** Starts no more loading. */
    @Override
    public void close() {
        loaders.shutdownNow();
    }
}
