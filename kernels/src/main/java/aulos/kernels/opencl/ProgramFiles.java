// SPDX-License-Identifier: Apache-2.0
package aulos.kernels.opencl;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Compiled programs on disk, so that the second start does not compile. A file is its content's SHA-256 and the content;
 * one that does not hold together, or is too long to be a program, counts as absent. Drivers trust binaries, which is why
 * nothing is handed to one that we did not write.
 */
final class ProgramFiles {
    private static final int DIGEST = 32;
    private static final long LIMIT = 64L << 20;

    private final Path folder;
    private boolean warned;

    ProgramFiles(Path folder) {
        this.folder = folder;
    }

    static ProgramFiles usual() {
        return new ProgramFiles(usualFolder());
    }

    /** {@code -Daulos.opencl.cache=FOLDER}, else the user's cache folder. */
    static Path usualFolder() {
        String chosen = System.getProperty("aulos.opencl.cache");
        String caches = System.getenv("XDG_CACHE_HOME");
        return chosen != null ? Path.of(chosen)
                : (caches != null && !caches.isEmpty() ? Path.of(caches)
                        : Path.of(System.getProperty("user.home"), ".cache")).resolve("aulos").resolve("opencl");
    }

    /** A file name for everything that a compiled program depends on. */
    static String key(String... parts) {
        MessageDigest digest = sha256();
        for (String part : parts) {
            byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
            digest.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
            digest.update(bytes);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** The program, or null if it is not there in good order. */
    byte[] read(String key) {
        Path file = folder.resolve(key);
        try {
            if (!Files.isRegularFile(file) || Files.size(file) <= DIGEST || Files.size(file) > LIMIT) {
                return null;
            }
            byte[] all = Files.readAllBytes(file);
            byte[] program = Arrays.copyOfRange(all, DIGEST, all.length);
            boolean whole = MessageDigest.isEqual(Arrays.copyOf(all, DIGEST), sha256().digest(program));
            return whole ? program : null;
        } catch (IOException unreadable) {
            return null;
        }
    }

    /** Keeps a program. A folder that cannot be written costs a compilation at every start, nothing else. */
    void write(String key, byte[] program) {
        byte[] all = Arrays.copyOf(sha256().digest(program), DIGEST + program.length);
        System.arraycopy(program, 0, all, DIGEST, program.length);
        try {
            Files.createDirectories(folder);
            Path temporary = Files.createTempFile(folder, "program", ".tmp");
            try {
                Files.write(temporary, all);
                Files.move(temporary, folder.resolve(key), StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(temporary);
            }
        } catch (IOException unwritable) {
            if (!warned) {
                warned = true;
                System.err.println("aulos: warning: compiled OpenCL programs are not kept, so every start compiles them: "
                        + unwritable);
            }
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JVM lacks SHA-256, which every JVM has", e);
        }
    }
}
