package io.heddle.core.spec;

import java.time.Duration;

/**
 * What is done about a sync that does not come forward.
 *
 * @param stallAfter after so long without a step forward it counts as stalled; zero: never
 * @param cure how far a satellite may go by itself
 */
public record SyncRule(Duration stallAfter, Cure cure) {
    /** What holds where nothing is set. */
    public static final SyncRule DEFAULT = new SyncRule(Duration.ofSeconds(60), Cure.SHOW);

    /** How far a satellite may go, each stage including those before it. */
    public enum Cure {
        /** It only shows that the sync is stalled. */
        SHOW,
        /** It pauses and resumes the sync. */
        RESUME,
        /** It takes the connection away and makes it again, where that can cost nobody anything. */
        RECONNECT
    }
}
