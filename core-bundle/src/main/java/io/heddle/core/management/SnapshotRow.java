package io.heddle.core.management;

import java.util.List;
import java.util.Map;

/**
 * A snapshot of a resource.
 *
 * @param resource resource that it is of
 * @param snapshot its name
 * @param nodes nodes that it was taken on
 * @param sizes size of each volume in bytes, by volume number
 * @param used bytes that it takes on each node; nodes where that is not known are left out
 * @param createdAt when it was asked for, as ISO 8601
 * @param state TAKING, READY, FAILED, DELETING, or ROLLING_BACK while its resource is being taken down to go back to it
 * @param failure why it does not count; empty unless it has failed
 * @param remaining nodes that still have, or may have, something of it
 * @param uuid its identity
 * @param properties its properties
 */
public record SnapshotRow(
        String resource,
        String snapshot,
        List<String> nodes,
        Map<Integer, Long> sizes,
        Map<String, Long> used,
        String createdAt,
        String state,
        String failure,
        List<String> remaining,
        String uuid,
        Map<String, String> properties) {}
