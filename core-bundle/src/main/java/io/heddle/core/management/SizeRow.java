package io.heddle.core.management;

import java.util.List;

/**
 * What a resource group can still take.
 *
 * @param group its name
 * @param largestBytes size of the largest volume that could be spawned now; 0 if none could
 * @param freeBytes what is free in the pools that may be used, for each replica
 * @param totalBytes what they have, for each replica
 * @param places where it would be placed, as {@code node pool}, the best first
 * @param why why nothing can be placed; empty if something can
 */
public record SizeRow(
        String group, long largestBytes, long freeBytes, long totalBytes, List<String> places, String why) {}
