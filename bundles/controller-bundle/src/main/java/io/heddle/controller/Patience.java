package io.heddle.controller;

import java.time.Duration;

/**
 * How long a use case waits for satellites before it answers with what is missing.
 *
 * @param deadline at most
 * @param failing for something that failed and is tried again
 * @param connecting for a link that is being made
 * @param withoutOthers for the rest, when a node concerned cannot be reached
 */
record Patience(Duration deadline, Duration failing, Duration connecting, Duration withoutOthers) {
    /**
     * Long enough for a volume to be made on a busy node, and short enough for clients that give up after two minutes. A node
     * that is known to be offline is not waited for; the first link to a node takes its time on a slow machine.
     */
    static Patience standard(Duration deadline) {
        return new Patience(deadline, Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(10));
    }
}
