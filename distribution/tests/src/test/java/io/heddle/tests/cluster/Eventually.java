package io.heddle.tests.cluster;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/** Waits for conditions, with a generous limit. */
public final class Eventually {
    private static final Duration LIMIT = Duration.ofSeconds(Long.getLong("heddle.test.limit", 240));
    private static final Duration SHORTEST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(3);

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
            long begin = System.nanoTime();
            Optional<String> still = missing.get();
            if (still.isEmpty()) {
                return;
            }
            if (System.nanoTime() > end) {
                throw new AssertionError("after " + limit.toSeconds() + " s: " + still.get());
            }
            pause(asLongAs(Duration.ofNanos(System.nanoTime() - begin)));
        }
    }

    /** A look that is dear, such as a program started in a node, would else keep what it waits for from getting on. */
    private static Duration asLongAs(Duration look) {
        Duration pause = look.compareTo(SHORTEST_PAUSE) < 0 ? SHORTEST_PAUSE : look;
        return pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
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
