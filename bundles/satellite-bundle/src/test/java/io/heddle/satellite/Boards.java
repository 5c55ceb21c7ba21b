package io.heddle.satellite;

import java.time.Duration;
import java.time.Instant;

/** Boards for tests that do not care for syncs. */
final class Boards {
    private Boards() {}

    static ReplicationBoard replication() {
        return new ReplicationBoard(
                new SyncMeter(name -> Duration.ZERO), () -> new SyncMeter.Moment(System.nanoTime(), Instant.EPOCH));
    }
}
