package io.heddle.core.management;

/**
 * A volume of a resource on a node, towards one peer.
 *
 * @param peer the peer's node
 * @param replication DRBD's replication state
 * @param peerDisk DRBD's state of the peer's disk
 * @param outOfSyncBytes bytes that are known to differ
 * @param donePercent progress of a sync or verify, -1 if none runs or it is not known
 * @param leftBytes bytes still to be copied or compared, -1 if none runs or it is not known
 * @param bytesPerSecond rate over the last moments, -1 if none runs or it is not known
 * @param secondsLeft time until it is done, -1 if none runs or it is not known
 * @param paused why it waits, empty text if it does not
 * @param stalledSince since when nothing came forward, ISO 8601, empty text unless that is for too long
 * @param text all of this for people, empty text if no sync or verify is under way
 */
public record PeerVolumeRow(
        String peer,
        String replication,
        String peerDisk,
        long outOfSyncBytes,
        double donePercent,
        long leftBytes,
        long bytesPerSecond,
        long secondsLeft,
        String paused,
        String stalledSince,
        String text) {}
