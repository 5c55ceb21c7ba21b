package io.heddle.core.model;

import java.util.UUID;

/**
 * One volume that what is spawned from a resource group has. Not one of LVM's.
 *
 * @param number number of the volume
 * @param uuid its identity
 * @param gross whether the size that is asked for at the spawning includes DRBD's metadata
 */
public record VolumeGroup(int number, UUID uuid, boolean gross) {}
