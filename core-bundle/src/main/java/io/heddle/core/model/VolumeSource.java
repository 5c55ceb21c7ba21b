package io.heddle.core.model;

import java.util.UUID;

/**
 * What a volume begins as: a clone of what a snapshot keeps, with the DRBD metadata that lies in it.
 *
 * @param snapshot identity of the snapshot
 * @param replica identity of the replica that it is of
 * @param backing name of the backing volume that it is of, in the same pool
 * @param leads whether the others follow this one in what was being written at that moment
 */
public record VolumeSource(UUID snapshot, UUID replica, String backing, boolean leads) {}
