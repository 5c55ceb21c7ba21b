package io.heddle.core.management;

import java.util.List;

/**
 * A volume of a resource on a node.
 *
 * @param node its node
 * @param resource its resource
 * @param number its number
 * @param pool its storage pool, empty text if diskless
 * @param minor DRBD minor
 * @param device what to open, empty text until it is there
 * @param allocatedBytes bytes taken in the pool, -1 if unknown
 * @param usage InUse, Unused or Unknown
 * @param state state of its disk
 * @param replication replication towards each peer
 * @param peers the same with all that is known of it
 */
public record VolumeRow(
        String node,
        String resource,
        int number,
        String pool,
        int minor,
        String device,
        long allocatedBytes,
        String usage,
        String state,
        String replication,
        List<PeerVolumeRow> peers) {}
