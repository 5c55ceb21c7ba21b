package io.heddle.tests.link;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for what has to come, with a limit that only a fault passes. */
final class Eventually {
    private static final Duration LIMIT = Duration.ofSeconds(Long.getLong("heddle.test.limit", 60));

    private Eventually() {}

    static void holds(BooleanSupplier condition, Supplier<Object> seen) {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("did not come within " + LIMIT.toSeconds() + " s; there is " + seen.get());
            }
            try {
                Thread.sleep(5);
            } catch (InterruptedException e) {
                throw new AssertionError("interrupted", e);
            }
        }
    }
}
