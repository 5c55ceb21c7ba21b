package io.heddle.core.status;

/**
 * A driver that is up on the node.
 *
 * @param kind storage driver kind, or {@code DRBD} for the replication driver
 * @param version version of its bundle
 * @param toolVersion version of the tools it drives, empty text if they are absent
 */
public record DriverStatus(String kind, String version, String toolVersion) {}
