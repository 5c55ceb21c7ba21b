package io.heddle.core.model;

/**
 * What holds the bytes of a diskful volume.
 *
 * @param pool storage pool of the node
 * @param name name of the backing volume in the pool: LV, zvol or file; chosen once and kept
 * @param maximumPeers bitmap slots in its DRBD metadata; part of its size, so it never changes
 */
public record Backing(PoolName pool, String name, int maximumPeers) {
    public Backing {
        Numbers.check("number of peers", maximumPeers, 1, Numbers.MAXIMUM_NODE_ID);
    }
}
