package io.heddle.core.management;

import java.util.List;

/**
 * Whether the replicas of a resource are all UpToDate.
 *
 * @param resource the resource definition
 * @param inSync whether nothing is missing
 * @param missing what is missing, a line for each replica with its progress
 * @param code stable code of what stands against it, empty text if nothing does; in the first seconds of a connection it may
 *     come and go
 * @param what what will not come true, empty text if nothing stands against it
 * @param why the reason, empty text if nothing stands against it
 * @param correction what to do about it
 */
public record SyncRow(
        String resource,
        boolean inSync,
        List<String> missing,
        String code,
        String what,
        String why,
        String correction) {}
