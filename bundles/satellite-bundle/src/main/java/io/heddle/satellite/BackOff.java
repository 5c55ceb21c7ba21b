package io.heddle.satellite;

import java.time.Duration;

/**
 * How long to wait before the same is tried again: twice as long each time.
 *
 * @param first after the first try
 * @param longest at most
 */
record BackOff(Duration first, Duration longest) {
    static final BackOff DEFAULT = new BackOff(Duration.ofMillis(500), Duration.ofSeconds(60));

    /** The delay after so many tries, 1 or more. */
    Duration after(int tries) {
        Duration delay = first.multipliedBy(1L << Math.min(20, Math.max(0, tries - 1)));
        return delay.compareTo(longest) < 0 ? delay : longest;
    }
}
