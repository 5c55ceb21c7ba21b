package io.heddle.core.status;

import io.heddle.core.model.Bytes;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How a resync or a verify of one volume with one peer gets on, as its satellite measured it. What is not known is empty, and
 * never a guess.
 *
 * @param left bytes that are still to be copied or compared; empty if that is not known
 * @param bytesPerSecond bytes done per second over the last moments; empty until enough was seen to tell, and while it is paused
 * @param stalledSince since when nothing came forward, by the satellite's clock; empty unless that is for too long
 */
public record SyncProgress(Optional<Bytes> left, OptionalLong bytesPerSecond, Optional<Instant> stalledSince) {
    /** Nothing is known of it. */
    public static final SyncProgress UNKNOWN =
            new SyncProgress(Optional.empty(), OptionalLong.empty(), Optional.empty());

    /** Time until it is done if it goes on like this, in whole seconds rounded up; empty if that is not known. */
    public Optional<Duration> timeLeft() {
        if (left.isEmpty() || bytesPerSecond.isEmpty() || bytesPerSecond.getAsLong() <= 0) {
            return Optional.empty();
        }
        long rate = bytesPerSecond.getAsLong();
        long bytes = left.get().value();
        return Optional.of(Duration.ofSeconds(bytes / rate + (bytes % rate == 0 ? 0 : 1)));
    }

    /** Whether nothing came forward for too long. */
    public boolean stalled() {
        return stalledSince.isPresent();
    }
}
