package io.heddle.tests.cluster;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/** Waits for conditions, with a generous limit. */
public final class Eventually {
    private static final Duration LIMIT = Duration.ofSeconds(Long.getLong("heddle.test.limit", 240));

    private Eventually() {}

    /**
     * Waits until nothing is missing any more.
     *
     * @param missing what is missing still, in words; empty when nothing is
     */
    public static void nothingIsMissing(Supplier<Optional<String>> missing) {
        nothingIsMissing(LIMIT, missing);
    }

    /** As above, with another limit. */
    public static void nothingIsMissing(Duration limit, Supplier<Optional<String>> missing) {
        long end = System.nanoTime() + limit.toNanos();
        while (true) {
            Optional<String> still = missing.get();
            if (still.isEmpty()) {
                return;
            }
            if (System.nanoTime() > end) {
                throw new AssertionError("after " + limit.toSeconds() + " s: " + still.get());
            }
            pause(Duration.ofMillis(200));
        }
    }

    /** Waits until {@code condition} holds. */
    public static void holds(String what, Supplier<Boolean> condition) {
        nothingIsMissing(() -> condition.get() ? Optional.empty() : Optional.of("waited in vain: " + what));
    }

    /** Lets time pass; only between two looks, and where a random moment is wanted. */
    public static void pause(Duration time) {
        try {
            Thread.sleep(time.toMillis());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", interrupted);
        }
    }
}
