// SPDX-License-Identifier: Apache-2.0
package aulos.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * What a value was computed from, whether a tape recorded it or not: so a tape can tell a constant from a result that it has
 * not seen being computed. What comes from the host or was detached has no past.
 *
 * <p>A past names all of its ancestors while it is young. Before one that goes back more than {@link #REACH} ops is read where
 * no tape keeps it anyway, it is flattened: it then names those ancestors that are still in memory, for no other can be asked
 * about. So a value that is carried on and on, as a moving average, does not drag along what it once came from.
 */
final class Past {
    private static final long REACH = 1 << 16;
    private static final int MOST_ANCESTORS = 4096;
    private static final Past[] NO_PARENTS = {};
    private static final Origin[] NO_ANCESTORS = {};

    /** One value, by identity. */
    static final class Origin {
        /** When it was made, in the order of {@link Storage#now}. */
        final long born;
        private boolean freed;

        private Origin(long born) {
            this.born = born;
        }

        boolean isFreed() {
            return freed;
        }

        void free() {
            freed = true;
        }
    }

    /** A stretch of {@link Tape#paused}: what is computed in it is a constant to all tapes but those that opened in it. */
    static final class Pause {
        private final Pause enclosing;

        Pause(Pause enclosing) {
            this.enclosing = enclosing;
        }

        private static boolean isInside(Pause inner, Pause outer) {
            Pause pause = inner;
            while (pause != null && pause != outer) {
                pause = pause.enclosing;
            }
            return pause == outer;
        }
    }

    final Origin self;
    private final Pause pause;
    /** When the oldest ancestor was computed that it drags along. */
    private final long reach;
    private volatile Past[] parents;
    /** After flattening, in place of the parents. */
    private Origin[] ancestors = NO_ANCESTORS;
    /** Flattened, it would have named too many: any tensor that is older may be an ancestor. */
    private boolean forgotten;

    /** That of a value from the host, or a detached one. */
    Past() {
        this.self = new Origin(Storage.now());
        this.pause = null;
        this.reach = self.born;
        this.parents = NO_PARENTS;
    }

    private Past(Past[] parents, Pause pause) {
        this.self = new Origin(Storage.now());
        this.pause = pause;
        this.parents = parents;
        long oldest = self.born;
        for (Past parent : parents) {
            oldest = parent.parents.length == 0 ? oldest : Math.min(oldest, parent.reach);
        }
        this.reach = oldest;
    }

    /**
     * That of an op's result.
     *
     * @param tape the innermost one, which keeps the pasts of what it has computed; null if none is open
     */
    static Past of(List<Tensor> inputs, Tape tape) {
        Past[] parents = new Past[inputs.size()];
        for (int i = 0; i < parents.length; i++) {
            parents[i] = inputs.get(i).storage().past;
            if (parents[i].goesBackFar() && (tape == null || tape.producer(inputs.get(i)) < 0)) {
                parents[i].flatten();
            }
        }
        return new Past(parents, Tape.pause());
    }

    private boolean goesBackFar() {
        return parents.length > 0 && Storage.soon() - reach > REACH;
    }

    /** Whether a tape that opened in {@code pause} took the value for a constant on purpose. */
    boolean isPausedTo(Pause opened) {
        return pause != null && !Pause.isInside(opened, pause);
    }

    /** Whether it was computed, and not on purpose as a constant, by the lights of a tape that opened in {@code opened}. */
    boolean isComputed(Pause opened) {
        return (parents.length > 0 || forgotten || ancestors.length > 0) && !isPausedTo(opened);
    }

    /** Which of some values it was computed from, as a tape sees it that opened in {@code opened}; it itself is none. */
    Set<Origin> among(Set<Origin> wanted, Pause opened) {
        long oldest = wanted.stream().mapToLong(origin -> origin.born).min().orElse(Long.MAX_VALUE);
        Set<Origin> found = identities();
        Set<Past> known = identities();
        Deque<Past> open = new ArrayDeque<>(List.of(this));
        while (!open.isEmpty()) {
            Past past = open.pop();
            if (past.isPausedTo(opened)) {
                continue;
            }
            for (Past parent : past.parents) {
                if (wanted.contains(parent.self)) {
                    found.add(parent.self);
                }
                if (parent.self.born > oldest && known.add(parent)) {
                    open.push(parent);
                }
            }
            for (Origin ancestor : past.ancestors) {
                if (wanted.contains(ancestor)) {
                    found.add(ancestor);
                }
            }
            if (past.forgotten) {
                wanted.stream().filter(origin -> origin.born < past.self.born).forEach(found::add);
            }
        }
        return found;
    }

    /** Names the ancestors that are still in memory, and lets go of all pasts. */
    private void flatten() {
        Set<Origin> living = identities();
        Set<Past> known = identities();
        Deque<Past> open = new ArrayDeque<>(List.of(this));
        boolean lost = false;
        while (!open.isEmpty() && living.size() <= MOST_ANCESTORS) {
            Past past = open.pop();
            lost |= past.forgotten;
            for (Past parent : past.parents) {
                if (known.add(parent)) {
                    open.push(parent);
                    add(living, parent.self);
                }
            }
            for (Origin ancestor : past.ancestors) {
                add(living, ancestor);
            }
        }
        forgotten = lost || living.size() > MOST_ANCESTORS;
        ancestors = forgotten ? NO_ANCESTORS : new ArrayList<>(living).toArray(Origin[]::new);
        parents = NO_PARENTS; // last, for threads that read it
    }

    /** For tests: the first of what it was computed from directly; null if it does not drag that along. */
    Past firstParent() {
        return parents.length == 0 ? null : parents[0];
    }

    private static void add(Set<Origin> living, Origin origin) {
        if (!origin.isFreed()) {
            living.add(origin);
        }
    }

    private static <T> Set<T> identities() {
        return Collections.newSetFromMap(new IdentityHashMap<>());
    }
}
