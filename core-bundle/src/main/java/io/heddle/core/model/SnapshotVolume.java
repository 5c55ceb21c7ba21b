package io.heddle.core.model;

import java.util.UUID;

/**
 * What a snapshot keeps, or may keep, of one volume on one node.
 *
 * @param number number of the volume
 * @param replica identity of the replica that it is of
 * @param pool storage pool of the node
 * @param backing name of the backing volume that it is of
 * @param maximumPeers bitmap slots in the DRBD metadata that it holds; zero in one that was taken before this was kept
 */
public record SnapshotVolume(int number, UUID replica, PoolName pool, String backing, int maximumPeers) {}
