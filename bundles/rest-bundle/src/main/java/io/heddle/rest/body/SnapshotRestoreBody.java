package io.heddle.rest.body;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where a snapshot is restored.
 *
 * @param toResource the resource definition that gets it
 * @param nodes nodes that are to have it; all that have a part of it if none is named
 * @param storPoolRename storage pools that are to be used, by those that the parts are in
 */
public record SnapshotRestoreBody(
        @Nullable String toResource,
        @Nullable List<@Nullable String> nodes,
        @Nullable Map<String, @Nullable String> storPoolRename) {}
