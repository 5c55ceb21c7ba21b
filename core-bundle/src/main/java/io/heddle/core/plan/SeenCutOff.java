package io.heddle.core.plan;

import io.heddle.core.status.Role;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What is kept of a peer that this node is cut off from, since the kernel forgets it or never knew it.
 *
 * @param splitBrain whether DRBD said that the two have diverged
 * @param since when this node was first seen without the peer, by its clock
 * @param role role here when that was seen
 * @param lastWrite when the device was last seen to have been written since; empty if no write was seen
 * @param watched whether it was seen to be cut off when that happened, and was watched ever since; if not, it may be cut off for
 *     longer, and may have been written when nobody looked
 */
public record SeenCutOff(boolean splitBrain, Instant since, Role role, Optional<Instant> lastWrite, boolean watched) {
    /** Writes go on and on; the time of the last is kept no more often than this. */
    private static final Duration LAST_WRITE_EVERY = Duration.ofMinutes(1);

    /** Whether this says more than what is kept already, so that it is worth a write to the disk. */
    boolean isNewsAfter(Optional<SeenCutOff> kept) {
        return kept.isEmpty()
                || splitBrain != kept.get().splitBrain()
                || lastWrite
                        .filter(written -> kept.get()
                                .lastWrite()
                                .map(old -> Duration.between(old, written).compareTo(LAST_WRITE_EVERY) >= 0)
                                .orElse(true))
                        .isPresent();
    }

    /** The same with DRBD's word on it. */
    public SeenCutOff withSplitBrain(boolean said) {
        return new SeenCutOff(splitBrain || said, since, role, lastWrite, watched);
    }

    /** The same with a write seen. */
    public SeenCutOff withWrite(Instant when) {
        return new SeenCutOff(splitBrain, since, role, Optional.of(when), watched);
    }

    /** The same after a time in which nobody looked. */
    public SeenCutOff unwatched() {
        return new SeenCutOff(splitBrain, since, role, lastWrite, false);
    }
}
