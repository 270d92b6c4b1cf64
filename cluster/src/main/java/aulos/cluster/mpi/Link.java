// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.mpi;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.function.Consumer;

/** A connection between rank 0 and another rank, over which each hears that the other is alive. */
final class Link {
    private static final int SILENCE_SECONDS = 20;
    private static final Duration BEAT = Duration.ofSeconds(2);
    private static final int MAX_TEXT = 4000;

    /** What one says to the other. */
    enum Word {
        /** I am alive. */
        BEAT,
        /** A line for people. */
        SAY,
        /** I have failed, for this reason. */
        FAILED,
        /** I am done. */
        DONE,
        /** The run has failed: end. */
        END
    }

    /** A word and the text that belongs to it. */
    record Message(Word word, String text) {}

    private final Socket socket;
    private final DataOutputStream out;
    private final DataInputStream in;

    Link(Socket socket) throws IOException {
        this.socket = socket;
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(SILENCE_SECONDS * 1000);
        out = new DataOutputStream(socket.getOutputStream());
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    }

    DataInputStream in() {
        return in;
    }

    DataOutputStream out() {
        return out;
    }

    /**
     * Beats from now on, and gives all that the other says to {@code heard}.
     *
     * @param lost takes the reason why nothing more will be heard, unless the other was done
     */
    void start(Consumer<Message> heard, Consumer<String> lost) {
        Thread.ofPlatform().name("aulos-link").daemon().start(() -> listen(heard, lost));
        Thread.ofPlatform().name("aulos-beat").daemon().start(this::beat);
    }

    private void beat() {
        try {
            while (tell(Word.BEAT, "")) {
                Thread.sleep(BEAT);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void listen(Consumer<Message> heard, Consumer<String> lost) {
        try {
            while (true) {
                Word word = Word.values()[in.readUnsignedByte() % Word.values().length];
                String text = in.readUTF();
                if (word == Word.DONE) {
                    return;
                }
                if (word != Word.BEAT) {
                    heard.accept(new Message(word, text));
                }
            }
        } catch (SocketTimeoutException e) {
            lost.accept("has not been heard of for " + SILENCE_SECONDS + " s");
        } catch (EOFException e) {
            lost.accept("has died");
        } catch (IOException e) {
            lost.accept("has died (" + e.getMessage() + ")");
        }
    }

    /** Whether it could be sent. If not, whoever listens here learns why. */
    boolean tell(Word word, String text) {
        try {
            synchronized (this) {
                out.writeByte(word.ordinal());
                out.writeUTF(text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT));
                out.flush();
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    void close() {
        try {
            socket.close();
        } catch (IOException e) {
            // Nobody is there any more.
        }
    }
}
