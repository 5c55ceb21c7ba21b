package io.heddle.core.plan;

import io.heddle.core.error.Problem;
import java.util.List;
import java.util.Optional;

/**
 * What is to be done for one resource of a node.
 *
 * @param steps what to do now, in order; after them the satellite looks again and plans again
 * @param held why the next step is not done, by which rule and with the way out; empty if nothing is held
 * @param waiting what is waited for that comes by itself, such as a peer that is not connected yet
 * @param awaitsRelease whether a tombstone waits to be told that those that stay do without its vote; in {@code waiting} in words
 * @param countsAsWanted whether DRBD was told of all votes as they are wanted
 */
public record Plan(
        List<Step> steps, Optional<Problem> held, List<String> waiting, boolean awaitsRelease, boolean countsAsWanted) {
    public Plan {
        steps = List.copyOf(steps);
        waiting = List.copyOf(waiting);
    }

    /** Nothing is left to do or to wait for. */
    public boolean converged() {
        return steps.isEmpty() && held.isEmpty() && waiting.isEmpty();
    }
}
