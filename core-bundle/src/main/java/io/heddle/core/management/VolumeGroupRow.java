package io.heddle.core.management;

/**
 * A volume of what is spawned from a resource group.
 *
 * @param group the resource group
 * @param number number of the volume
 * @param gross whether the size that is given at the spawning includes DRBD's metadata
 */
public record VolumeGroupRow(String group, int number, boolean gross) {}
