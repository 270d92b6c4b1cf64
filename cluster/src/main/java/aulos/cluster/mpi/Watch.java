// SPDX-License-Identifier: Apache-2.0
package aulos.cluster.mpi;

import java.io.IOException;
import java.net.ServerSocket;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Ends all ranks when one has died or failed. MPI cannot be asked for that: it waits for a rank that is gone, or ends the
 * process without a word.
 */
final class Watch {
    /** What all ranks find out, each of them reports; rank 0 says it itself if it does within this time. */
    private static final long GRACE_MILLIS = 2000;
    /** For the last words to travel. */
    private static final long PARTING_MILLIS = 200;

    private final int rank;
    private final List<Link> links;
    private final Consumer<String> console;
    private final List<String> names;
    private volatile boolean closing;

    /** @param links to all others on rank 0, to rank 0 on the others; null where there is none */
    private Watch(int rank, List<Link> links, List<String> names, Consumer<String> console) {
        this.rank = rank;
        this.links = links;
        this.names = names;
        this.console = console;
        for (int other = 0; other < links.size(); other++) {
            int from = other;
            if (links.get(from) != null) {
                links.get(from).start(message -> heard(from, message), reason -> lost(from, reason));
            }
        }
    }

    /** Gives every rank what each has brought. */
    @FunctionalInterface
    interface Gather {
        List<byte[]> gather(byte[] mine);
    }

    /**
     * Connects rank 0 with all others. All ranks call it.
     *
     * @param names where each rank runs, for messages
     * @param console for lines for people
     */
    static Watch start(int rank, List<String> names, Gather mpi, Consumer<String> console) throws IOException {
        if (rank > 0) {
            Roster.Meeting meeting = Roster.Meeting.decoded(mpi.gather(new byte[0]).getFirst());
            return new Watch(rank, List.of(Roster.call(meeting, rank)), names, console);
        }
        try (ServerSocket server = new ServerSocket(0)) {
            Roster.Meeting meeting = Roster.Meeting.at(server);
            mpi.gather(meeting.encoded());
            return new Watch(rank, Roster.accept(server, meeting, names.size()), names, console);
        }
    }

    private void heard(int from, Link.Message message) {
        switch (message.word()) {
            case SAY -> console.accept("rank " + from + ": " + message.text());
            case FAILED -> end("rank " + from + ": " + message.text(), GRACE_MILLIS);
            case END -> Runtime.getRuntime().halt(1);
            case BEAT, DONE -> {
                // Nothing to do.
            }
        }
    }

    private void lost(int from, String reason) {
        if (closing) {
            return;
        }
        // Of the others only one may say it.
        boolean speaks = rank == 0 || rank == 1;
        end(speaks ? "rank " + from + " (" + names.get(from) + ") " + reason + ", so all ranks end; the same command goes on"
                + " from the newest checkpoint" : null, 0);
    }

    private void end(String line, long graceMillis) {
        pause(graceMillis);
        if (closing) {
            return;
        }
        synchronized (this) {
            if (line != null) {
                console.accept(line);
            }
            // That was the last word: launchers now tell this rank to stop, which it would comment on.
            System.err.close();
            tellAll(Link.Word.END);
            pause(PARTING_MILLIS);
            Runtime.getRuntime().halt(1);
        }
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void tellAll(Link.Word word) {
        links.stream().filter(Objects::nonNull).forEach(link -> link.tell(word, ""));
    }

    void say(String line) {
        if (rank == 0) {
            console.accept(line);
        } else {
            links.getFirst().tell(Link.Word.SAY, line);
        }
    }

    /** Ends all others. On rank 0 the caller has said why; on the others rank 0 is to say it. */
    void failed(String message) {
        if (rank == 0) {
            closing = true;
            tellAll(Link.Word.END);
        } else {
            links.getFirst().tell(Link.Word.FAILED, message);
            // Until rank 0 has said it: launchers end all as soon as one has ended.
            pause(GRACE_MILLIS + 10 * PARTING_MILLIS);
        }
    }

    /** When all others close it too. */
    void close() {
        closing = true;
        tellAll(Link.Word.DONE);
    }
}
