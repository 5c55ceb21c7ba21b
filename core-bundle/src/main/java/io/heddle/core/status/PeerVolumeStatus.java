package io.heddle.core.status;

import io.heddle.core.model.Bytes;
import java.util.OptionalDouble;

/**
 * A volume towards one peer.
 *
 * @param number volume number
 * @param replication replication state
 * @param peerDisk the peer's disk state
 * @param outOfSync bytes known to differ
 * @param donePercent progress of a sync or verify, 0 to 100; empty when none runs
 * @param resyncSuspended DRBD's reason for a paused sync, {@code no} otherwise
 */
public record PeerVolumeStatus(
        int number,
        ReplicationState replication,
        DiskState peerDisk,
        Bytes outOfSync,
        OptionalDouble donePercent,
        String resyncSuspended) {}
