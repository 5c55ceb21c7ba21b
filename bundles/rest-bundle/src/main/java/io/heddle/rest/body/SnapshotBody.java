package io.heddle.rest.body;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot to take.
 *
 * @param name its name
 * @param resourceName of which resource, where the path does not say it
 * @param nodes nodes that are to have it; all that have a replica if none is named
 * @param props properties to begin with
 * @param snapshotDefinitionProps the same, as newer clients say it
 */
public record SnapshotBody(
        @Nullable String name,
        @Nullable String resourceName,
        @Nullable List<@Nullable String> nodes,
        @Nullable Map<String, @Nullable String> props,
        @Nullable Map<String, @Nullable String> snapshotDefinitionProps) {}
