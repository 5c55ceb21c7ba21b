package io.heddle.core.status;

import io.heddle.core.model.Bytes;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A volume towards one peer.
 *
 * @param number volume number
 * @param replication replication state
 * @param peerDisk the peer's disk state
 * @param outOfSync bytes known to differ
 * @param donePercent progress of a sync or verify, 0 to 100; empty when none runs, and on DRBD 8.4 if its beginning was not seen
 * @param resyncSuspended DRBD's reason for a paused sync, {@code no} otherwise
 * @param progress how a sync or verify gets on; empty when none runs or is to run
 */
public record PeerVolumeStatus(
        int number,
        ReplicationState replication,
        DiskState peerDisk,
        Bytes outOfSync,
        OptionalDouble donePercent,
        String resyncSuspended,
        Optional<SyncProgress> progress) {
    public PeerVolumeStatus {
        progress = Objects.requireNonNullElse(progress, Optional.empty());
    }

    /** One of which no progress was measured. */
    public PeerVolumeStatus(
            int number,
            ReplicationState replication,
            DiskState peerDisk,
            Bytes outOfSync,
            OptionalDouble donePercent,
            String resyncSuspended) {
        this(number, replication, peerDisk, outOfSync, donePercent, resyncSuspended, Optional.empty());
    }

    /** The same with what was measured. */
    public PeerVolumeStatus measured(OptionalDouble done, Optional<SyncProgress> measured) {
        return new PeerVolumeStatus(number, replication, peerDisk, outOfSync, done, resyncSuspended, measured);
    }
}
